import Green

/// What somebody asks of a running server, as one line of words: `workers --json`, `add 2`, `trace 0.5`.
struct ControlRequest: Equatable {
  enum Verb: String, CaseIterable {
    case status, workers, reload, reopen, add, remove, drain, dump, trace, top

    /// For `ctl --help`: what it takes, and what it does.
    var help: (argument: String, meaning: String) {
      switch self {
      case .status: ("", "Show how the server fares.")
      case .workers: ("", "List the workers.")
      case .reload: ("", "Replace the workers by such as run the program that is on disk now, as HUP does.")
      case .reopen: ("", "Open the logs again after they were moved away, as USR1 does.")
      case .add: ("[COUNT]", "Add workers, as TTIN does.")
      case .remove: ("[COUNT]", "Take the oldest workers away, as TTOU does.")
      case .drain:
        ("[PID]", "Stop the server when its requests have ended, as TERM does; with PID, replace that worker.")
      case .dump: ("[PID]", "Show all fibers of the workers and what they wait for.")
      case .trace: ("[SECONDS]", "Record when each fiber has the thread, as a trace for Chrome or Perfetto.")
      case .top: ("", "Show workers, rates, latencies and the slowest requests in progress, again and again.")
      }
    }
  }

  var verb: Verb
  /// `nil` where none was given.
  var argument: String?
  var isJSON = false
  /// The reader's window, for `top`.
  var (rows, columns) = (24, 80)

  static let longestTrace = 60.0

  /// Reads a line; throws what is wrong with it.
  init(_ line: String) throws(ControlFault) {
    var words = line.split(separator: " ").map(String.init)
    guard !words.isEmpty else { throw ControlFault("there is no command") }
    let name = words.removeFirst()
    guard let verb = Verb(rawValue: name) else {
      let names = Verb.allCases.map(\.rawValue)
      let hint =
        nearest(to: name, among: names).map { "did you mean \($0)?" } ?? "there are \(names.joined(separator: ", "))"
      throw ControlFault("unknown command '\(name)'; \(hint)")
    }
    self.verb = verb
    for word in words {
      if word == "--json" {
        isJSON = true
      } else if let number = Self.number(word, after: "rows=") {
        rows = number
      } else if let number = Self.number(word, after: "columns=") {
        columns = number
      } else if argument == nil && !verb.help.argument.isEmpty {
        argument = word
      } else {
        throw ControlFault("'\(verb.rawValue)' does not take '\(word)'")
      }
    }
  }

  private static func number(_ word: String, after name: String) -> Int? {
    guard word.hasPrefix(name), let number = Int(word.dropFirst(name.count)) else { return nil }
    return min(max(number, 1), 1000)
  }

  /// The argument as a number of workers; 1 where there is none.
  func count() throws(ControlFault) -> Int {
    guard let argument else { return 1 }
    guard let count = Int(argument), (1...100).contains(count) else {
      throw ControlFault("'\(argument)' is not a number from 1 to 100")
    }
    return count
  }

  /// The argument as a process number.
  func process() throws(ControlFault) -> Int32? {
    guard let argument else { return nil }
    guard let pid = Int32(argument), pid > 0 else { throw ControlFault("'\(argument)' is not a process number") }
    return pid
  }

  /// The argument as a time; a second where there is none.
  func duration() throws(ControlFault) -> Duration {
    guard let argument else { return .seconds(1) }
    guard let seconds = Double(argument), seconds > 0, seconds <= Self.longestTrace else {
      throw ControlFault("'\(argument)' is not a number of seconds up to \(Int(Self.longestTrace))")
    }
    return .nanoseconds(Int64(seconds * 1e9))
  }
}

/// Why a command is not obeyed. Its description is for the person.
struct ControlFault: Error, Equatable, CustomStringConvertible {
  let description: String
  /// Whether it is the command line that cannot be read.
  let isOfUsage: Bool
  /// Where it is not the server that is at fault, but whoever asks was told to wait no longer.
  let stop: Stop?

  /// The end of a fiber's wait.
  enum Stop: Equatable {
    case cancelled
    case late(TimeoutError)

    /// As programs know it.
    var error: any Error {
      switch self {
      case .cancelled: CancellationError()
      case .late(let error): error
      }
    }
  }

  init(_ description: String, isOfUsage: Bool = false) {
    self.description = description
    self.isOfUsage = isOfUsage
    stop = nil
  }

  /// - Parameter error: why, which the description is followed by.
  init(_ description: String, because error: any Error) {
    self.description = "\(description): \(error)"
    isOfUsage = false
    stop = error is CancellationError ? .cancelled : (error as? TimeoutError).map { .late($0) }
  }
}

/// What is answered at the control socket: a line `ok LENGTH` or `error LENGTH`, and a text of so many bytes.
struct ControlReply: Equatable {
  var isError = false
  var text: String

  init(_ text: String) { self.text = text }
  init(_ fault: ControlFault) {
    isError = true
    text = fault.description + "\n"
  }

  var bytes: [UInt8] { Array("\(isError ? "error" : "ok") \(text.utf8.count)\n\(text)".utf8) }
}
