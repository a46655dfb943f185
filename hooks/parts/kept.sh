# What was here before goes first, with the same arguments and input, and its status is the hook's.
kept=${0%/*}.gitledger-kept/@hook@
status=0
if [ -f "$kept" ] && [ -x "$kept" ] && @while@; then
	"$kept" "$@" || status=$?
fi
