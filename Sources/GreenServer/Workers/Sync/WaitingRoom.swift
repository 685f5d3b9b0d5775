import CProcess
import Glibc
import Green
import SystemPackage

/// Connections whose heads have not come yet, in a worker that serves one at a time: a client that is silent, or sends half a
/// head, keeps nobody from being served.
final class WaitingRoom {
  private struct Entry {
    let socket: Socket
    /// By when more has to come.
    var deadline: Deadline
    /// Whether a part of its head has come.
    var hasBegun = false
  }

  /// What is to be done with a connection that leaves.
  enum Departure {
    case serve(Socket)
    /// Its head takes too long: that is the answer to it.
    case refuse(Socket)
    case close(Socket)
  }

  static let most = 100
  /// Readable when something has arrived.
  let descriptor: CInt
  private let silentTime: Duration
  private let headTime: Duration
  /// Whether the first that comes is a head.
  let isHTTP: Bool
  /// In the order in which they came.
  private var entries: [Entry] = []
  private var departures: [Departure] = []

  /// Throws what the system refuses.
  init(silentTime: Duration, headTime: Duration, isHTTP: Bool) throws(SystemCallError) {
    descriptor = cprocess_watch_open()
    if descriptor < 0 { throw SystemCallError("epoll_create1", Errno(rawValue: errno)) }
    self.silentTime = silentTime
    self.headTime = headTime
    self.isHTTP = isHTTP
  }

  deinit { close(descriptor) }

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty && departures.isEmpty }

  /// When there is something to be done even if nothing arrives.
  var due: Deadline { departures.isEmpty ? entries.map(\.deadline).min() ?? .never : .now }

  /// Takes a connection in. Where there is no room for it, the one that has been there for longest leaves.
  func add(_ socket: Socket, hasBegun: Bool) {
    if entries.count >= Self.most { leave(0, sight(of: 0)) }
    entries.append(Entry(socket: socket, deadline: .after(hasBegun ? headTime : silentTime), hasBegun: hasBegun))
    if cprocess_watch_add_arrivals(descriptor, socket.descriptor) != 0 { depart(entries.count - 1, Departure.serve) }
  }

  /// The next connection that leaves: its head has come, or does not come in time.
  func next() -> Departure? {
    if departures.isEmpty { look() }
    return departures.isEmpty ? nil : departures.removeFirst()
  }

  /// Has all leave.
  func clear() { while !entries.isEmpty { leave(0, sight(of: 0)) } }

  private func look() {
    if entries.isEmpty { return }
    withUnsafeTemporaryAllocation(of: CInt.self, capacity: Self.most) { ready in
      let count = cprocess_watch_ready(descriptor, ready.baseAddress, CInt(ready.count))
      for number in ready.prefix(Int(count)) {
        guard let index = entries.firstIndex(where: { $0.socket.descriptor == number }) else { continue }
        switch sight(of: index) {
        case .nothing: break
        case .enough: depart(index, Departure.serve)
        case .part: begin(index)
        }
      }
    }
    for index in entries.indices.reversed() where entries[index].deadline.hasPassed {
      let sight = self.sight(of: index)
      // Where so many have sent something that not all were looked at.
      if sight == .part && !entries[index].hasBegun { begin(index) } else { leave(index, sight) }
    }
  }

  private func sight(of index: Int) -> HeadSight { HeadSight.of(entries[index].socket.descriptor, isHTTP: isHTTP) }

  /// A part of its head has come: the rest has its own time.
  private func begin(_ index: Int) {
    guard !entries[index].hasBegun else { return }
    entries[index].hasBegun = true
    entries[index].deadline = .after(headTime)
  }

  /// What has come since it was last looked at counts.
  private func leave(_ index: Int, _ sight: HeadSight) {
    switch sight {
    case .enough: depart(index, Departure.serve)
    case .part: depart(index, Departure.refuse)
    case .nothing: depart(index, entries[index].hasBegun ? Departure.refuse : Departure.close)
    }
  }

  private func depart(_ index: Int, _ how: (Socket) -> Departure) {
    let socket = entries.remove(at: index).socket
    cprocess_watch_remove(descriptor, socket.descriptor)
    departures.append(how(socket))
  }
}
