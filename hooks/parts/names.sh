# Tells whether the message on standard input may name a task, and sets `subject` to its first line.
# Shell alone: to start another program takes longer than all that is done here. What may name one
# is more than what does: the program reads it with care.
id='[0-9abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ]'
names_a_task() {
	subject=
	squashed=
	while read -r word rest || [ -n "$word" ]; do
		case $rest in '------------------------ >8 '*) return 1 ;; esac
		case $word in '' | '#'*) continue ;; esac
		if [ -z "$subject$squashed" ]; then
			subject="$word $rest"
			case $subject in 'Squashed commit of the following:') squashed=yes ;; esac
		fi
		# shellcheck disable=SC2254  # patterns
		case "${squashed:+$word $rest}${squashed:-$subject}" in
		*\[*$id$id$id*\]*) return 0 ;;
		esac
		case $word in
		*:*) key=${word%%:*} value="${word#*:} $rest" ;;
		This)
			case $rest in 'reverts commit '*) return 0 ;; *) continue ;; esac
			;;
		*)
			case $rest in :*) key=$word value=${rest#:} ;; *) continue ;; esac
			;;
		esac
		case $key in
		@words@) may_be_ids "$value" && return 0 ;;
		esac
	done
	return 1
}

# Tells whether one of the parts between commas is made of words that may be ids.
may_be_ids() {
	parts=$1,
	while [ -n "$parts" ]; do
		part=${parts%%[,;]*}
		parts=${parts#*[,;]}
		# shellcheck disable=SC2254  # patterns
		case $part in
		*'('*) return 0 ;;
		*[!0-9abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ\ \	\&+%:]*) ;;
		*$id$id$id*) return 0 ;;
		esac
	done
	return 1
}
