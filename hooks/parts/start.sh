# Starts the program, and sets `code` to what it ended with. What it says are whole lines; of one
# that is broken only the last is shown.
start() {
	code=0
	find_program || return 0
	# shellcheck disable=SC2086  # several words
	{ said=$(GITLEDGER_IN_HOOK=1 $limit "$program" hook @hook@ "$@" 2>&1) || code=$?; } 2>/dev/null
	tell @hook@
}

# Sets `program`, and `limit` to what stops it after its time, where there is such a thing.
find_program() {
	program=@program@
	[ -x "$program" ] || program=git-ledger
	command -v "$program" >/dev/null 2>&1 || return 1
	# Whatever it has started is ended with it: what is said is read until nobody can say more. A
	# push stays where a password can be asked for.
	limit='timeout -k 2 15'
	case ${0##*/} in pre-push*) limit='timeout --foreground -k 2 15' ;; esac
	$limit true >/dev/null 2>&1 || limit=
}

tell() {
	case $code in
	0 | 3) [ -z "$said" ] || printf '%s\n' "$said" >&2 ;;
	124 | 137) echo "gitledger: the hook $1 took too long and was ended" >&2 ;;
	*)
		said=${said##*"
"}
		printf 'gitledger: the hook %s failed: %s\n' "$1" "${said:-code $code}" >&2
		;;
	esac
}
