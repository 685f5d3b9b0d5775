import CProcess
import Glibc

/// What workers have been asked on behalf of clients, and what they have answered so far.
struct WorkerOrders {
  /// One worker's part.
  struct Part {
    let slot: Int
    let pid: pid_t
    fileprivate let file: CInt
    /// `nil` until it has answered.
    fileprivate(set) var answer: String?
  }

  /// What it is for.
  enum Purpose {
    case control(ControlRequest)
    /// The page for Prometheus; for `HEAD` without it.
    case metrics(isHead: Bool)
  }

  /// One client's.
  struct Order {
    let client: MonitorClient
    let purpose: Purpose
    let deadline: Int64
    fileprivate(set) var parts: [Part] = []

    var isAnswered: Bool { parts.allSatisfy { $0.answer != nil } }
  }

  private var orders: [Int: Order] = [:]
  private var latest = 0

  /// By when something is to be done about them, in nanoseconds of `CLOCK_MONOTONIC`.
  var deadline: Int64? { orders.values.map(\.deadline).min() }

  /// Asks each of the workers. Those that cannot be told have no part in it.
  mutating func give(
    _ kind: WorkerOrder.Kind, to workers: [(slot: Int, pid: pid_t, handshake: Handshake)], for client: MonitorClient,
    _ purpose: Purpose, until deadline: Int64
  ) {
    latest += 1
    var order = Order(client: client, purpose: purpose, deadline: deadline)
    for worker in workers {
      let file = cprocess_memory_file("greenfinch-answer")
      guard file >= 0 else { continue }
      if worker.handshake.give(kind, number: latest, file: file) {
        order.parts.append(Part(slot: worker.slot, pid: worker.pid, file: file))
      } else {
        close(file)
      }
    }
    orders[latest] = order
    client.isWaiting = true
  }

  /// A worker has answered. Returns what it counts where that was asked for, which is to be noted at once: when the others have
  /// answered this one may have ended, and its figures are among those of the past.
  mutating func answered(_ number: Int, by slot: Int) -> (figures: String, pid: pid_t)? {
    guard var order = orders[number], let index = order.parts.firstIndex(where: { $0.slot == slot }) else { return nil }
    let answer = Self.read(order.parts[index].file)
    order.parts[index].answer = answer
    orders[number] = order
    guard case .metrics = order.purpose else { return nil }
    return (answer, order.parts[index].pid)
  }

  /// Takes those out that are answered, or whose time is over.
  mutating func takeDone(at now: Int64) -> [Order] {
    let done = orders.filter { $0.value.isAnswered || now >= $0.value.deadline }
    for (number, order) in done {
      for part in order.parts { close(part.file) }
      order.client.isWaiting = false
      orders[number] = nil
    }
    return done.sorted { $0.key < $1.key }.map(\.value)
  }

  /// What is in a file, from its beginning.
  static func read(_ file: CInt) -> String {
    var status = stat()
    guard fstat(file, &status) == 0 else { return "" }
    let size = min(Int(status.st_size), mostBytes)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { room, count in
      while count < size {
        let more = pread(file, room.baseAddress.map { $0 + count }, size - count, off_t(count))
        if more <= 0 { return }
        count += more
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let mostBytes = 64 << 20
}
