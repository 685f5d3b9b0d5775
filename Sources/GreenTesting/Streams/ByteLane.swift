internal import Green
internal import SystemPackage

/// One direction of an in-memory connection.
final class ByteLane: Sendable {
  private struct Piece {
    var bytes: ArraySlice<UInt8>
    let arrival: Deadline
  }

  private struct State {
    /// Those before `first` have been received.
    var pieces: [Piece] = []
    var first = 0
    /// Bytes under way or unread.
    var count = 0
    var lastArrival = Deadline(nanoseconds: 0)
    var conditions: StreamConditions
    var random: SeededGenerator
    var ending = Ending.open
    var isReceiverClosed = false
    var isSenderClosed = false
  }

  private enum Ending {
    case open, finished, reset
  }

  /// What an attempt to receive or send came to.
  private enum Attempt {
    case done(Int)
    case wait(until: Deadline)
  }

  private let state: Mutex<State>
  /// Set when a receiver should look again, and when a sender should.
  private let hasChanged = Event()
  private let hasRoom = Event()

  init(_ conditions: StreamConditions, seed: UInt64) {
    state = Mutex(State(conditions: conditions, random: SeededGenerator(seed: seed)))
  }

  var conditions: StreamConditions {
    get { state.withLock { $0.conditions } }
    set { state.withLock { $0.conditions = newValue } }
  }

  // MARK: Receiving

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    while true {
      let attempt = try state.withLock { state in
        let attempt = try Self.take(&state, into: buffer)
        // With the lock held: whoever changes the state from here on sets it again.
        if case .wait = attempt { hasChanged.clear() }
        return attempt
      }
      switch attempt {
      case .done(let count):
        hasRoom.set()
        return count
      case .wait(let arrival):
        try Self.wait(for: hasChanged, until: arrival, deadline)
      }
    }
  }

  private static func take(_ state: inout State, into buffer: UnsafeMutableRawBufferPointer) throws -> Attempt {
    if state.isReceiverClosed { throw Errno.badFileDescriptor }
    if state.ending == .reset { throw Errno.connectionReset }
    guard state.first < state.pieces.count else {
      return state.ending == .finished ? .done(0) : .wait(until: .never)
    }
    let now = Deadline.now
    guard state.pieces[state.first].arrival <= now else { return .wait(until: state.pieces[state.first].arrival) }
    var room = buffer.count
    if let longest = state.conditions.longestReceive {
      room = min(room, Int.random(in: 1...longest, using: &state.random))
    }
    var count = 0
    while count < room, state.first < state.pieces.count, state.pieces[state.first].arrival <= now {
      let taken = state.pieces[state.first].bytes.prefix(room - count)
      UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyBytes(from: taken)
      count += taken.count
      state.pieces[state.first].bytes.removeFirst(taken.count)
      if state.pieces[state.first].bytes.isEmpty { state.first += 1 }
    }
    state.count -= count
    if state.first == state.pieces.count {
      state.pieces.removeAll(keepingCapacity: true)
      state.first = 0
    }
    return .done(count)
  }

  // MARK: Sending

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {
    var rest = bytes[...]
    repeat {
      let attempt = try state.withLock { state in
        let attempt = try Self.put(&state, rest)
        if case .wait = attempt { hasRoom.clear() }
        return attempt
      }
      switch attempt {
      case .done(let count):
        rest = rest.dropFirst(count)
        hasChanged.set()
      case .wait:
        try Self.wait(for: hasRoom, until: .never, deadline)
      }
    } while !rest.isEmpty
  }

  private static func put(_ state: inout State, _ bytes: Slice<UnsafeRawBufferPointer>) throws -> Attempt {
    if state.isSenderClosed { throw Errno.badFileDescriptor }
    if state.ending == .reset { throw Errno.connectionReset }
    if state.ending == .finished || state.isReceiverClosed { throw Errno.brokenPipe }
    if bytes.isEmpty { return .done(0) }
    guard state.count < state.conditions.capacity else { return .wait(until: .never) }
    var count = min(bytes.count, state.conditions.capacity - state.count)
    if let longest = state.conditions.longestPiece {
      count = min(count, Int.random(in: 1...longest, using: &state.random))
    }
    let arrival = max(state.lastArrival, .after(state.random.duration(in: state.conditions.delay)))
    state.lastArrival = arrival
    state.pieces.append(Piece(bytes: ArraySlice(bytes.prefix(count)), arrival: arrival))
    state.count += count
    return .done(count)
  }

  /// Whether the next send is to reset the connection.
  func drawsReset() -> Bool { state.withLock { $0.random.chance($0.conditions.resetChance) } }

  private static func wait(for event: Event, until arrival: Deadline, _ deadline: Deadline) throws {
    if deadline.hasPassed { throw Errno.timedOut }
    // Whether it was the deadline is seen when the lane has been looked at once more.
    do { try event.wait(until: min(arrival, deadline)) } catch Errno.timedOut {}
  }

  // MARK: Ends

  /// Nothing more will be sent; what is under way still arrives.
  func finish() { change { if $0.ending == .open { $0.ending = .finished } } }

  func reset() {
    change {
      $0.ending = .reset
      $0.pieces = []
      $0.first = 0
      $0.count = 0
    }
  }

  func closeSender() { change { $0.isSenderClosed = true } }

  func closeReceiver() { change { $0.isReceiverClosed = true } }

  /// Whether bytes were sent that nobody has received.
  var isUnread: Bool { state.withLock { $0.count > 0 } }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    hasChanged.set()
    hasRoom.set()
  }
}
