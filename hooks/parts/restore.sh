# lefthook puts its hooks in the place of ours, by itself when its settings change, and runs ours no
# more. Whichever of ours is still run has the program put the others back, lefthook's behind them.
restore() {
	lost=
	for name in @installed@; do
		# Where it is gone again, it may still have taken those of ours away that stood before its own.
		[ -e "$lefthook" ] || [ -e "$behind/$name" ] || continue
		is_ours "$hooks/$name" && continue
		is_lefthooks "$hooks/$name" || is_lefthooks "$behind/$name" || continue
		lost="$lost $name"
	done
	[ -n "$lost" ] && find_program || return 0
	code=0
	# shellcheck disable=SC2086  # several words
	{ said=$(GITLEDGER_IN_HOOK=1 $limit "$program" hook restore $lost 2>&1) || code=$?; } 2>/dev/null
	is_last || return 0
	tell restore
}

# Tells whether no other hook of ours is run for the same commit after this one: what fails in one
# of them fails in the next, and is told once.
is_last() {
	case ${0##*/} in
	prepare-commit-msg*) is_ours "$hooks/commit-msg" || is_ours "$hooks/post-commit" ;;
	commit-msg*) is_ours "$hooks/post-commit" ;;
	*) return 0 ;;
	esac && return 1
	return 0
}

is_ours() {
	mark=
	{ read -r _ && read -r mark; } 2>/dev/null <"$1"
	case $mark in '# gitledger: '*) return 0 ;; *) return 1 ;; esac
}

is_lefthooks() {
	[ -f "$1" ] || return 1
	{
		read -r line
		[ "$line" = '#!/bin/sh' ] || return 1 # a program, say, which would take long to read
		while read -r line; do
			case $line in 'call_lefthook run '*) return 0 ;; esac
		done
	} <"$1"
	return 1
}

hooks=${0%/*}
behind=$hooks.gitledger-kept
lefthook=$hooks/../info/lefthook.checksum
if [ -z "${GITLEDGER_IN_HOOK-}" ] && { [ -e "$lefthook" ] || [ -d "$behind" ]; }; then
	restore
fi
