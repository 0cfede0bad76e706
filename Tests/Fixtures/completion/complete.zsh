# Prints what zsh offers at the end of a command line: zsh -f complete.zsh FUNCTIONS LINE, FUNCTIONS being a folder.
#
# A second zsh, on a terminal of its own, gets the line and a Tab. All that is offered there passes `compadd`.
zmodload zsh/zpty

setup="
PROMPT=
fpath=(${(q)1} \$fpath)
autoload -Uz compinit && compinit -D -u
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
offered=()
compadd() {
  local -a hits
  # With one of these it fills an array, and offers nothing.
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd \"\$@\"; return; fi
  builtin compadd -O hits \"\$@\"
  offered+=(\$hits)
  builtin compadd \"\$@\"
}
finish() { print -r -- \"<offers>\${(F)offered}</offers>\"; exit }
comppostfuncs=(finish)
print loaded"

zpty shell zsh -f -i
zpty -w shell "eval ${(q)setup}"
zpty -r shell answer '*loaded*'
zpty -wn shell "$2"$'\t'
zpty -r shell answer '*</offers>*'
answer=${answer##*<offers>}
# A terminal ends its lines with two characters.
print -r -- "${${answer%%</offers>*}//$'\r'}"
