/// The completion script for bash. It needs bash 4.3, but not the package bash-completion.
enum BashCompletion {
  static func script(_ commands: [Command]) -> String {
    """
    # Completes the words of bpfgen in bash. Made by `bpfgen completion bash`.

    _bpfgen() {
      local commands='\(words(commands.map(\.name)))'
      local current= command= options= valued= choices= kind= head= option= dashes= word= i count=0 IFS=$' \\t\\n'
      local -a words=()
      COMPREPLY=()

      # bash parts words at '=' and ':'. Here they are whole.
      for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]})) && [[ $word == [=:] || ${words[-1]} == *[=:] ]]; then
          words[-1]+=$word
        else
          words+=("$word")
        fi
      done
      current=${words[-1]}
      unset 'words[-1]'
      command=${words[0]-}

      case $command in
      '')
        options='\(words(Command.overviewOptions.flatMap(\.spellings)))'
        ;;
    \(commands.map(optionCase).joined())  *) return ;;
      esac

      # An option that waits for its value, and the number of words that are no options.
      for word in "${words[@]:1}"; do
        if [[ $option ]]; then
          option=
        elif [[ ! $dashes && $word == -- ]]; then
          dashes=1
        elif [[ ! $dashes && $word == -?* ]]; then
          [[ " $valued " != *" $word "* ]] || option=$word
        else
          ((count += 1))
        fi
      done
      if [[ ! $option && ! $dashes && $current == --*=* ]]; then
        option=${current%%=*}
        head=$option=
      fi

      if [[ $option ]]; then
        case "$command $option" in
    \(commands.flatMap { command in command.declarations.options.compactMap { valueCase(command, $0) } }.joined())    esac
      elif [[ ! $dashes && $current == -* ]]; then
        choices=$options
      else
        case "$command $count" in
        ' 0') choices=$commands ;;
    \(commands.flatMap(argumentCases).joined())    esac
      fi

      case $kind in
      # readline knows what to do with quotes and '~' in names of files.
      file) compopt -o default ;;
      folder) compopt -o dirnames ;;
      *)
        mapfile -t COMPREPLY < <(compgen -P "$head" -W "$choices" -- "${current#"$head"}")
        # What bash takes for words of their own stays on the line.
        word=${current%"${current##*[=:]}"}
        [[ $COMP_WORDBREAKS != *=* ]] || COMPREPLY=("${COMPREPLY[@]#"$word"}")
        ;;
      esac
    }

    complete -F _bpfgen bpfgen

    """
  }

  private static func optionCase(_ command: Command) -> String {
    let declared = command.declarations
    let valued = declared.valuedSpellings
    return """
        \(command.name))
          options='\(words(declared.options.flatMap(\.spellings)))'
      \(valued.isEmpty ? "" : "    valued='\(words(valued))'\n")    ;;

      """
  }

  private static func valueCase(_ command: Command, _ option: DeclaredOption) -> String? {
    guard option.value != nil, let action = action(option.offer) else { return nil }
    let patterns = option.spellings.map { "'\(command.name) \($0)'" }.joined(separator: " | ")
    return "    \(patterns)) \(action) ;;\n"
  }

  private static func argumentCases(_ command: Command) -> [String] {
    command.declarations.arguments.enumerated().compactMap { index, argument in
      guard let action = action(argument.offer) else { return nil }
      // A repeated argument is the last one, and takes all remaining words.
      let pattern = argument.isRepeated ? "'\(command.name) '*" : "'\(command.name) \(index)'"
      return "    \(pattern)) \(action) ;;\n"
    }
  }

  private static func action(_ offer: Offer) -> String? {
    switch offer {
    case .nothing: nil
    case .files: "kind=file"
    case .folders: "kind=folder"
    case .commands: "choices=$commands"
    case .words(let choices): "choices='\(words(choices))'"
    }
  }

  private static func words(_ words: [String]) -> String { words.joined(separator: " ") }
}
