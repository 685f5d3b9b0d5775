/// Completions for three shells, as files that their package managers install.
enum ShellCompletions {
  private static let origin = "Made of the table of settings: GREENFINCH_WRITE_PAGES=1 swift test --filter ManualTests"

  static var bash: String {
    var cases = ""
    for option in Completion.options {
      let flags = option.flags.joined(separator: "|")
      switch option.values {
      case .none: continue
      case .files: cases += "  \(flags)) COMPREPLY=($(compgen -f -- \"$word\")) && return ;;\n"
      case .folders: cases += "  \(flags)) COMPREPLY=($(compgen -d -- \"$word\")) && return ;;\n"
      case .words(let words):
        cases += "  \(flags)) COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\")) && return ;;\n"
      case .anything: cases += "  \(flags)) return ;;\n"
      }
    }
    let flags = Completion.options.flatMap(\.flags).joined(separator: " ")
    let words = Completion.controlWords.map(\.0).joined(separator: " ")
    return """
      # Completion of greenfinch for bash. \(origin)
      _greenfinch() {
        local word=$2 before=$3
        COMPREPLY=()
        if [ "${COMP_WORDS[1]}" = ctl ]; then
          COMPREPLY=($(compgen -W "\(words) --socket --json --interval --count --help" -- "$word"))
          return
        fi
        case $before in
      \(cases)  esac
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "\(flags)" -- "$word"))
        elif [ "$COMP_CWORD" = 1 ]; then
          COMPREPLY=($(compgen -W ctl -- "$word"))
        fi
      }
      complete -o default -o filenames -F _greenfinch greenfinch

      """
  }

  static var zsh: String {
    var lines = ""
    for option in Completion.options {
      for flag in option.flags {
        let others = option.flags.count > 1 ? "(\(option.flags.joined(separator: " ")))" : ""
        let value =
          switch option.values {
          case .none: ""
          case .files: ":file:_files"
          case .folders: ":folder:_files -/"
          case .words(let words): ":value:(\(words.joined(separator: " ")))"
          case .anything: ":value: "
          }
        lines += "    '\(others)\(flag)[\(option.meaning)]\(value)'\n"
      }
    }
    let words = Completion.controlWords.map { "      '\($0):\($1)'\n" }.joined()
    return """
      #compdef greenfinch
      # Completion of greenfinch for zsh. \(origin)
      _greenfinch() {
        local -a options commands
        if [[ $words[2] == ctl ]]; then
          commands=(
      \(words)    )
          _describe command commands
          return
        fi
        options=(
      \(lines)  )
        _arguments $options '*:application:(ctl)'
      }
      _greenfinch "$@"

      """
  }

  static var fish: String {
    var lines = "# Completion of greenfinch for fish. \(origin)\n"
    lines += "complete -c greenfinch -n __fish_use_subcommand -a ctl -d 'Ask and order a running server'\n"
    for (word, meaning) in Completion.controlWords {
      lines += "complete -c greenfinch -f -n '__fish_seen_subcommand_from ctl' -a \(word) -d '\(meaning)'\n"
    }
    for option in Completion.options {
      let flags = option.flags.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }
      let value =
        switch option.values {
        case .none: ""
        case .files: " -r -F"
        case .folders: " -x -a '(__fish_complete_directories)'"
        case .words(let words): " -x -a '\(words.joined(separator: " "))'"
        case .anything: " -x"
        }
      lines += "complete -c greenfinch \(flags.joined(separator: " "))\(value) -d '\(option.meaning)'\n"
    }
    return lines
  }
}
