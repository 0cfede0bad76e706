/// The completion script for fish, with one line for each word that it offers.
enum FishCompletion {
  static func script(_ commands: [Command]) -> String {
    """
    # Completes the words of bpfgen in fish. Made by `bpfgen completion fish`.

    # Whether the command is this one; without a name, whether none is there yet.
    function __bpfgen_is
      set -l words (commandline -opc)
      test "$words[2]" = "$argv[1]"
    end

    # Whether the next word of a command is its argument of this number, or (with -ge) a later one.
    function __bpfgen_argument -a command comparison number
      __bpfgen_is $command; or return 1
      set -l words (commandline -opc)
      set -e words[1..2]
      # The options whose value is the next word.
      set -l valued
      switch $command
    \(commands.map(valuedCase).joined())  end
      set -l count 0
      set -l isValue no
      set -l hasDashes no
      for word in $words
        if test $isValue = yes
          set isValue no
        else if test $hasDashes = no -a "$word" = --
          set hasDashes yes
        else if test $hasDashes = no; and string match -qr -- '^-.' "$word"
          contains -- "$word" $valued; and set isValue yes
        else
          set count (math $count + 1)
        end
      end
      test $count $comparison $number
    end

    complete -c bpfgen -f
    \(Command.overviewOptions.map { line("__bpfgen_is", option($0), $0.help) }.joined())\
    \(commands.map { line("__bpfgen_is", "-a \($0.name)", $0.abstract) }.joined())\
    \(commands.map { "\n" + command($0, commands) }.joined())
    """
  }

  private static func valuedCase(_ command: Command) -> String {
    let valued = command.declarations.valuedSpellings
    return valued.isEmpty
      ? "" : "    case \(command.name)\n      set valued \(valued.joined(separator: " "))\n"
  }

  private static func command(_ command: Command, _ commands: [Command]) -> String {
    let declared = command.declarations
    var lines = declared.options.map { given in
      let value = given.value == nil ? "" : " -r " + text(given.offer, commands)
      return line("__bpfgen_is \(command.name)", option(given) + value, given.help)
    }
    lines += declared.arguments.enumerated().map { index, argument in
      let condition = "__bpfgen_argument \(command.name) \(argument.isRepeated ? "-ge" : "-eq") \(index)"
      return line(condition, text(argument.offer, commands), argument.help)
    }
    return lines.joined()
  }

  private static func option(_ option: DeclaredOption) -> String {
    (option.short.map { "-s \($0) " } ?? "") + "-l \(option.name)"
  }

  private static func text(_ offer: Offer, _ commands: [Command]) -> String {
    switch offer {
    case .nothing: "-f"
    case .files: "-F"
    case .folders: "-f -a '(__fish_complete_directories (commandline -ct))'"
    case .commands: "-f -a \(quoted(commands.map(\.name).joined(separator: " ")))"
    case .words(let words): "-f -a \(quoted(words.joined(separator: " ")))"
    }
  }

  private static func line(_ condition: String, _ what: String, _ help: String) -> String {
    "complete -c bpfgen -n '\(condition)' \(what) -d \(quoted(help))\n"
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text {
      if character == "'" || character == "\\" { result += "\\" }
      result.append(character)
    }
    return result + "'"
  }
}
