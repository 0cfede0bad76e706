/// The completion script for zsh, which uses `_arguments`.
enum ZshCompletion {
  static func script(_ commands: [Command]) -> String {
    """
    #compdef bpfgen
    # Completes the words of bpfgen in zsh. Made by `bpfgen completion zsh`.

    _bpfgen_commands() {
      local -a commands=(
    \(commands.map { "    \(quoted("\($0.name):\($0.abstract)"))\n" }.joined())  )
      _describe -t commands command commands
    }

    _bpfgen() {
      local curcontext=$curcontext context state state_descr line
      local -A opt_args

      _arguments -C \\
    \(Command.overviewOptions.map(overviewLine).joined())    '1:command:_bpfgen_commands' \\
        '*::argument:->arguments' && return
      [[ $state == arguments ]] || return 1

      case $line[1] in
    \(commands.map(commandCase).joined())  *) return 1 ;;
      esac
    }

    # A file of a folder in $fpath is the function's body; a script that is sourced defines it.
    if [[ ${funcstack[1]} == _bpfgen ]]; then
      _bpfgen "$@"
    else
      compdef _bpfgen bpfgen
    fi

    """
  }

  /// After one of these there is nothing to complete.
  private static func overviewLine(_ option: DeclaredOption) -> String {
    option.spellings.map { "    \(quoted("(- *)\($0)[\(bracketed(option.help))]")) \\\n" }.joined()
  }

  private static func commandCase(_ command: Command) -> String {
    let declared = command.declarations
    let specs = declared.options.flatMap(specs) + declared.arguments.map(spec)
    return """
        \(command.name))
          _arguments -s -S \\
      \(specs.map { "      \(quoted($0))" }.joined(separator: " \\\n"))
          ;;

      """
  }

  private static func specs(_ option: DeclaredOption) -> [String] {
    // An option that was given is not offered again in any spelling.
    let others = "(" + option.spellings.joined(separator: " ") + ")"
    let text = "[\(bracketed(option.help))]"
    guard let value = option.value else { return option.spellings.map { others + $0 + text } }
    let action = ":\(value):\(action(option.offer))"
    // '=': the value follows an equals sign or is the next word; '+': it is in the same word or the next.
    return option.spellings.map { others + $0 + ($0.hasPrefix("--") ? "=" : "+") + text + action }
  }

  private static func spec(_ argument: DeclaredArgument) -> String {
    let action = "\(argument.name):\(action(argument.offer))"
    return argument.isRepeated ? "*:\(action)" : argument.isOptional ? "::\(action)" : ":\(action)"
  }

  private static func action(_ offer: Offer) -> String {
    switch offer {
    // A space: zsh describes what is expected, and offers nothing.
    case .nothing: " "
    case .files: "_files"
    case .folders: "_files -/"
    case .commands: "_bpfgen_commands"
    case .words(let words): "(" + words.joined(separator: " ") + ")"
    }
  }

  /// A text for the brackets of a specification.
  private static func bracketed(_ text: String) -> String {
    var result = ""
    for character in text {
      if "[]\\:".contains(character) { result += "\\" }
      result.append(character)
    }
    return result
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
