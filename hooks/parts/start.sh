# Starts the program, and sets `code` to what it ended with. What it says are whole lines; of one
# that is broken only the last is shown.
start() {
	code=0
	program=@program@
	[ -x "$program" ] || program=git-ledger
	command -v "$program" >/dev/null 2>&1 || return 0
	limit='timeout --foreground -k 2 15'
	$limit true >/dev/null 2>&1 || limit=
	# shellcheck disable=SC2086  # several words
	{ said=$(GITLEDGER_IN_HOOK=1 $limit "$program" hook @hook@ "$@" 2>&1) || code=$?; } 2>/dev/null
	case $code in
	0 | 3) [ -z "$said" ] || printf '%s\n' "$said" >&2 ;;
	124 | 137) echo "gitledger: the hook @hook@ took too long and was ended" >&2 ;;
	*) printf 'gitledger: the hook @hook@ failed: %s\n' "${said##*"
"}" >&2 ;;
	esac
}
