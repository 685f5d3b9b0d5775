import Glibc
import Green

/// What the master asks a worker for, on behalf of `greenfinch ctl`. The answer goes into a file in memory that came with
/// it, so that neither waits for the other.
struct WorkerOrder: Sendable {
  enum Kind: Equatable, Sendable {
    /// All fibers, and what they wait for.
    case dump
    /// The switches between fibers for so long, as events of Chrome's trace format.
    case trace(Duration)
    /// The requests in progress.
    case requests
    /// What the application counts itself: ``ApplicationMetrics``.
    case figures

    /// As it is sent.
    var text: String {
      switch self {
      case .dump: "dump"
      case .trace(let duration): "trace \(duration.wholeNanoseconds)"
      case .requests: "requests"
      case .figures: "figures"
      }
    }

    init?(_ text: Substring) {
      let words = text.split(separator: " ")
      switch words.first {
      case "dump": self = .dump
      case "requests": self = .requests
      case "figures": self = .figures
      case "trace":
        guard words.count == 2, let nanoseconds = Int64(words[1]) else { return nil }
        self = .trace(.nanoseconds(nanoseconds))
      default: return nil
      }
    }
  }

  /// A request in progress: its line, and when it began in nanoseconds of `CLOCK_MONOTONIC`.
  struct Running: Sendable, Equatable {
    var line: String
    var since: Int64
  }

  let number: Int
  let kind: Kind
  private let file: CInt
  private let handshake: Handshake

  init(_ number: Int, _ kind: Kind, file: CInt, from handshake: Handshake) {
    self.number = number
    self.kind = kind
    self.file = file
    self.handshake = handshake
  }

  /// Answers, once.
  func answer(_ text: String) {
    writeAll(text, to: file)
    close(file)
    try? handshake.send(.answered(number))
  }

  /// Answers with the requests in progress: each on a line, after the time of its beginning. In a dump of a worker without
  /// fibers they stand for what it does; a trace has nothing.
  func answer(running: [Running]) {
    switch kind {
    case .requests: answer(running.map { "\($0.since) \($0.line)\n" }.joined())
    case .trace: answer("")
    case .figures: answer(ApplicationMetrics.shared.text)
    case .dump:
      let now = monotonicNanoseconds()
      let lines = running.sorted { $0.since < $1.since }.map { running in
        "  for \((now - running.since) / 1_000_000) ms: \(LogText.escaped(running.line))\n"
      }
      answer("process \(getpid()) has no fibers; requests in progress: \(lines.count)\n" + lines.joined())
    }
  }
}

extension Handshake {
  /// The worker's: takes an order out without waiting. What is not one is skipped.
  func receiveOrder() -> Packet<WorkerOrder> {
    receivePacket { bytes, files in
      files.count == 1 ? order(String(decoding: bytes, as: UTF8.self), files[0]) : nil
    }
  }

  private func order(_ text: String, _ file: CInt) -> WorkerOrder? {
    guard let space = text.firstIndex(of: " "), let number = Int(text[..<space]),
      let kind = WorkerOrder.Kind(text[text.index(after: space)...])
    else { return nil }
    return WorkerOrder(number, kind, file: file, from: self)
  }

  /// The master's: gives an order, and the file for its answer.
  func give(_ kind: WorkerOrder.Kind, number: Int, file: CInt) -> Bool { send("\(number) \(kind.text)", with: file) }
}
