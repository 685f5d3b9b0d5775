internal import CGlibc
internal import Glibc

/// A signal by its number, `signal(7)`.
public struct Signal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The signal of a name: `TERM` or `SIGTERM`, in either case. `nil` when no signal is called that.
  public init?(name: String) {
    let wanted = name.uppercased()
    let signals = (1...Self.last.rawValue).map(Signal.init(rawValue:))
    guard let found = signals.first(where: { $0.description == wanted || $0.description == "SIG" + wanted }) else {
      return nil
    }
    self = found
  }

  /// The terminal has gone away; servers reload at it.
  public static let hangup = Signal(rawValue: SIGHUP)
  /// Ctrl-C.
  public static let interrupt = Signal(rawValue: SIGINT)
  /// Ctrl-\.
  public static let quit = Signal(rawValue: SIGQUIT)
  /// What `abort(3)` raises.
  public static let abort = Signal(rawValue: SIGABRT)
  /// Ends a process, which can neither catch nor block it.
  public static let kill = Signal(rawValue: SIGKILL)
  /// For the program's own use.
  public static let user1 = Signal(rawValue: SIGUSR1)
  /// For the program's own use.
  public static let user2 = Signal(rawValue: SIGUSR2)
  /// Something was written that nobody can read any more.
  public static let brokenPipe = Signal(rawValue: SIGPIPE)
  /// A timer of `alarm(2)` has fired.
  public static let alarm = Signal(rawValue: SIGALRM)
  /// Asks a process to end; what `kill` sends by default.
  public static let terminate = Signal(rawValue: SIGTERM)
  /// A child has ended, stopped or gone on.
  public static let child = Signal(rawValue: SIGCHLD)
  /// Lets a stopped process go on.
  public static let `continue` = Signal(rawValue: SIGCONT)
  /// Stops a process, which can neither catch nor block it.
  public static let stop = Signal(rawValue: SIGSTOP)
  /// Stopped from the terminal, commonly by Ctrl-Z.
  public static let terminalStop = Signal(rawValue: SIGTSTP)
  /// The size of the terminal has changed.
  public static let windowChange = Signal(rawValue: SIGWINCH)

  /// The real-time signal `SIGRTMIN + number`; `nil` when there are not so many, commonly 31.
  public static func realtime(_ number: Int32) -> Signal? {
    let (first, last) = (cglibc_first_realtime_signal(), cglibc_last_realtime_signal())
    return number >= 0 && number <= last - first ? Signal(rawValue: first + number) : nil
  }

  /// The highest signal there is.
  static let last = Signal(rawValue: cglibc_last_realtime_signal())

  /// Whether a process can catch the signal and go on. `SIGKILL` and `SIGSTOP` cannot be caught, and code that has
  /// faulted would only fault again: `SIGSEGV`, `SIGBUS`, `SIGILL`, `SIGFPE`, `SIGTRAP`.
  public var canBeWatched: Bool {
    guard rawValue >= 1, rawValue <= Self.last.rawValue else { return false }
    // Between those that have names and the real-time ones lie two that glibc keeps for itself.
    let isNamed = cglibc_signal_name(rawValue) != nil || rawValue >= cglibc_first_realtime_signal()
    return isNamed && ![SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP].contains(rawValue)
  }

  /// `SIGTERM`, `SIGRTMIN+3`, or `signal 99`.
  public var description: String {
    if let name = cglibc_signal_name(rawValue) { return "SIG" + String(cString: name) }
    let first = cglibc_first_realtime_signal()
    if rawValue == first { return "SIGRTMIN" }
    return rawValue > first && rawValue <= Self.last.rawValue ? "SIGRTMIN+\(rawValue - first)" : "signal \(rawValue)"
  }
}
