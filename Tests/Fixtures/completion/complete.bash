# Prints what bash offers for the last of some words: complete.bash SCRIPT WORD...
#
# The words are those that readline would make of a line: '=' is one of its own. Names of files are readline's matter;
# this stands in for it.
source "$1"
shift
compopt() {
	[[ $1 == -o ]] || exit 1
	case $2 in
	default) offer=-f ;;
	dirnames) offer=-d ;;
	esac
}

COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
offer=
_bpfgen
if [[ $offer ]]; then
	word=${COMP_WORDS[-1]}
	mapfile -t COMPREPLY < <(compgen "$offer" -- "${word#=}")
fi
printf '%s\n' "${COMPREPLY[@]}"
