# git starts hooks at the top of the worktree, and names its directory where it is not `.git`.
git_dir=${GIT_DIR:-.git}

# Tells whether there may be something to do, and makes sure of the directory: inside of a hook that
# we have started there is nothing.
is_our_turn() {
	[ -z "${GITLEDGER_IN_HOOK-}" ] || return 1
	[ -e "$git_dir/HEAD" ] || git_dir=$(git rev-parse --git-dir 2>/dev/null)
}
