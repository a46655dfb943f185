# Inside of a hook that we have started nothing is to be done.
[ -z "${GITLEDGER_IN_HOOK-}" ] || exit "$status"

# git starts hooks at the top of the worktree, and names its directory where it is not `.git`.
git_dir=${GIT_DIR:-.git}
[ -e "$git_dir/HEAD" ] || git_dir=$(git rev-parse --git-dir 2>/dev/null) || exit "$status"
