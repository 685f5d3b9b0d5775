import CProcess
import Glibc
import SystemPackage

/// What a worker does, as its slot on the scoreboard says.
enum WorkerState: UInt32 {
  case gone, starting, ready, draining

  init(code: UInt32) { self = WorkerState(rawValue: code) ?? .gone }
}

/// Memory that the master and its workers share: each worker tells in its slot how it fares.
///
/// Safe to use from any thread: each access is one atomic operation.
final class Scoreboard: @unchecked Sendable {
  /// The memory's descriptor, which workers inherit.
  let descriptor: CInt
  private let board: OpaquePointer

  /// The most slots that a scoreboard can have.
  private static let mostSlots = Int(CPROCESS_SCORE_SLOT_LIMIT)

  /// A new scoreboard, all of whose slots are gone, with room for more; and for what workers count, where they do. Throws
  /// `Errno`.
  init(slots: Int, room: Int? = nil, counts: Bool = false) throws(Errno) {
    var descriptor: CInt = -1
    guard let board = cprocess_scoreboard_create(CInt(slots), CInt(room ?? slots), counts ? 1 : 0, &descriptor) else {
      throw Errno(rawValue: errno)
    }
    self.board = board
    self.descriptor = descriptor
  }

  /// A new scoreboard for so many slots, with as much room for more as can be had: a process at the limit of a file's size
  /// gets less. Throws `Errno`.
  static func withRoom(for slots: Int, counts: Bool) throws(Errno) -> Scoreboard {
    var room = mostSlots
    while true {
      do throws(Errno) {
        return try Scoreboard(slots: slots, room: room, counts: counts)
      } catch {
        if room <= slots { throw error }
        room = max(slots, room / 2)
      }
    }
  }

  /// An inherited scoreboard, whose descriptor it owns from now on. Throws `Errno`.
  init(inherited descriptor: CInt) throws(Errno) {
    guard let board = cprocess_scoreboard_map(descriptor) else { throw Errno(rawValue: errno) }
    self.board = board
    self.descriptor = descriptor
  }

  /// Makes the scoreboard and the descriptors this process's own: a child that it forks has neither. Once a process;
  /// throws `Errno`.
  func own(with descriptors: [CInt]) throws(Errno) {
    if cprocess_worker_own(board, descriptors, descriptors.count) < 0 { throw Errno(rawValue: errno) }
  }

  /// Lets go of those descriptors but for the first: to be called before the others are closed.
  func keepOwn(_ count: Int) { cprocess_worker_keep(count) }

  deinit {
    cprocess_scoreboard_unmap(board)
    close(descriptor)
  }

  /// How many slots can be used.
  var room: Int { Int(cprocess_scoreboard_room(board)) }

  /// How many slots are in use, from the first; the master's to change. A slot below it may be gone.
  var count: Int {
    get { Int(cprocess_scoreboard_count(board)) }
    set { cprocess_scoreboard_set_count(board, CInt(max(1, min(newValue, room)))) }
  }

  /// The slot at an index below ``room``.
  subscript(index: Int) -> ScoreboardSlot {
    precondition(index >= 0 && index < room, "no such slot")
    return ScoreboardSlot(pointer: cprocess_scoreboard_slot(board, CInt(index)))
  }

  /// What the worker of a slot counts; `nil` where nothing is counted.
  func metrics(at index: Int) -> WorkerMetrics? {
    precondition(index >= 0 && index < room, "no such slot")
    return cprocess_scoreboard_metrics(board, CInt(index)).map { WorkerMetrics(pointer: $0) }
  }

  /// Whether the whole server is stopping, and not only one worker.
  var isStopping: Bool { cprocess_scoreboard_stopping(board) != 0 }

  func announceStopping() { cprocess_scoreboard_set_stopping(board) }

  /// Adds a key of session tickets, which takes the place of the oldest; the master's to do.
  func addTicketKey(_ key: [UInt8]) {
    precondition(key.count == Int(CPROCESS_TICKET_KEY_BYTES))
    cprocess_scoreboard_add_ticket_key(board, key)
  }

  /// The keys of session tickets, the newest first.
  var ticketKeys: [[UInt8]] {
    let size = Int(CPROCESS_TICKET_KEY_BYTES)
    var keys = [UInt8](repeating: 0, count: Int(CPROCESS_TICKET_KEYS) * size)
    let count = cprocess_scoreboard_ticket_keys(board, &keys)
    return (0..<Int(count)).map { Array(keys[($0 * size)..<(($0 + 1) * size)]) }
  }

  /// What the workers other than `index` look like to it when a connection is there to be accepted.
  func siblings(of index: Int) -> some Sequence<AcceptTurn.Seat> {
    (0..<count).lazy.filter { $0 != index }.map { self[$0].seat }
  }
}

/// One worker's part of the ``Scoreboard``, which must outlive it.
struct ScoreboardSlot: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<cprocess_score_slot>

  var state: WorkerState {
    get { WorkerState(code: cprocess_score_state(pointer)) }
    nonmutating set { cprocess_score_set_state(pointer, newValue.rawValue) }
  }
  var pid: pid_t {
    get { cprocess_score_pid(pointer) }
    nonmutating set { cprocess_score_set_pid(pointer, newValue) }
  }
  /// When the worker last showed a sign of life, in nanoseconds of `CLOCK_MONOTONIC`.
  var heartbeat: Int64 {
    get { cprocess_score_heartbeat(pointer) }
    nonmutating set { cprocess_score_set_heartbeat(pointer, newValue) }
  }
  /// Whether the worker's only thread waits for a client, which is not a silence of its own.
  var waitsForClient: Bool {
    get { cprocess_score_waits_for_client(pointer) != 0 }
    nonmutating set { cprocess_score_set_waits_for_client(pointer, newValue ? 1 : 0) }
  }
  /// Until when the worker was seen to live: now where it waits for a client.
  var lastSign: Int64 { waitsForClient ? monotonicNanoseconds() : heartbeat }
  /// Open connections.
  var open: Int {
    get { Int(cprocess_score_open(pointer)) }
    nonmutating set { cprocess_score_set_open(pointer, UInt32(clamping: newValue)) }
  }
  /// How many connections it can have open. Known once it is ready.
  var capacity: Int {
    get { Int(cprocess_score_capacity(pointer)) }
    nonmutating set { cprocess_score_set_capacity(pointer, UInt32(clamping: newValue)) }
  }
  /// Connections accepted, and what the worker began with: the lowest of its siblings' counts.
  var accepted: UInt64 {
    get { cprocess_score_accepted(pointer) }
    nonmutating set { cprocess_score_set_accepted(pointer, newValue) }
  }
  var requests: UInt64 {
    get { cprocess_score_requests(pointer) }
    nonmutating set { cprocess_score_set_requests(pointer, newValue) }
  }
  /// What the worker does, for the log line when it has to be killed. Cut to 127 bytes; longer costs no more.
  var activity: String {
    get {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CPROCESS_ACTIVITY_BYTES)) { text in
        guard let base = text.baseAddress else { return "" }
        cprocess_score_activity(pointer, base)
        return String(cString: base)
      }
    }
    nonmutating set {
      var text = newValue
      text.withUTF8 { cprocess_score_set_activity(pointer, $0.baseAddress, $0.count) }
    }
  }

  func countOpened() {
    cprocess_score_add_accepted(pointer)
    cprocess_score_add_open(pointer, 1)
  }
  func countClosed() { cprocess_score_add_open(pointer, -1) }
  /// A connection that was counted as closed is served again.
  func countResumed() { cprocess_score_add_open(pointer, 1) }
  /// Returns how many there have been.
  @discardableResult
  func countRequest() -> UInt64 { cprocess_score_add_request(pointer) }
  /// Shows a sign of life.
  func beat() { heartbeat = monotonicNanoseconds() }

  /// Which of the programs that the server was told to run the worker runs; 0 is the first.
  var generation: Int {
    get { Int(cprocess_score_generation(pointer)) }
    nonmutating set { cprocess_score_set_generation(pointer, UInt32(clamping: newValue)) }
  }

  /// The slot as it is for a worker that is about to start, whose count of connections begins at `accepted`.
  func reset(accepted: UInt64, generation: Int = 0) {
    self.generation = generation
    capacity = 0
    waitsForClient = false
    open = 0
    pid = 0
    requests = 0
    activity = ""
    self.accepted = accepted
    beat()
    state = .starting
  }

  var seat: AcceptTurn.Seat {
    AcceptTurn.Seat(takesPart: state == .ready && open < capacity, accepted: accepted, open: UInt64(open))
  }
}

func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
