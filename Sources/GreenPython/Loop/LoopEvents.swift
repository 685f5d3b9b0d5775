import CGlibc
import CGreenPython
import Glibc
import Green
import GreenServer

/// What the connections' fibers tell the application's event loop, in order, and a descriptor that wakes it.
///
/// Only on the hub's thread.
enum LoopEvents {
  /// What has happened. `bytes` is the receiver's, to be freed.
  struct Event {
    var kind: Int
    var exchange: LoopExchange?
    var number: Int64 = 0
    var bytes: UnsafeMutableRawBufferPointer?
  }

  /// Unsafe: of the hub's thread alone.
  private nonisolated(unsafe) static var waiting = Backlog<Event>()
  /// The one that was taken last: the extension has a handle of its exchange, which it does not hold.
  private nonisolated(unsafe) static var current: Event?
  /// Readable when there are events, once somebody has asked for it.
  static let descriptor: CInt = {
    isWatched = true
    return cglibc_event_descriptor()
  }()
  private nonisolated(unsafe) static var isWatched = false
  /// The loop's fiber while it waits in ``wait(for:nanoseconds:)``.
  nonisolated(unsafe) static var waiter: ParkedFiber?
  static var isEmpty: Bool { waiting.isEmpty }

  static func tell(_ kind: Int, _ exchange: LoopExchange?, number: Int64 = 0, bytes: UnsafeRawBufferPointer? = nil) {
    let copy = bytes.map { bytes in
      let copy = UnsafeMutableRawBufferPointer(start: malloc(max(1, bytes.count)), count: bytes.count)
      copy.copyMemory(from: bytes)
      return copy
    }
    tell(Event(kind: kind, exchange: exchange, number: number, bytes: copy))
  }

  static func tell(_ event: Event) {
    waiting.append(event)
    waiter?.wake()
    if !isWatched || waiting.count > 1 { return }
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  /// Takes the next one out; `nil` where there is none, and the descriptor is not readable any more.
  static func next() -> Event? {
    current = waiting.popFirst()
    if let current { return current }
    if !isWatched { return nil }
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
    return nil
  }

  // MARK: The application's start and end

  private nonisolated(unsafe) static var started: Result<Void, PythonFailure>?
  private nonisolated(unsafe) static var loop: PythonFiber?
  private nonisolated(unsafe) static var starter: ParkedFiber?
  private nonisolated(unsafe) static var isStopping = false
  /// Why nobody is served any more, once the loop has ended by itself.
  private(set) nonisolated(unsafe) static var loss: PythonFailure?

  /// The application's event loop has begun to serve, or cannot.
  static func begun(_ result: Result<Void, PythonFailure>) {
    if started == nil { started = result }
    starter?.wake()
  }

  /// Starts the event loop in a fiber of its own, and waits until it serves.
  @Sendable static func start() throws {
    starter = ParkedFiber.current
    // The extension knows that no job is the loop itself.
    let fiber = PythonFiber(nil)
    fiber.onEnd = ended
    fiber.slot = try Slots.current.run(.run(fiber))
    loop = fiber
    while started == nil { try starter?.park() }
    starter = nil
    try started?.get()
  }

  /// The loop has ended. Where it was serving, and nobody has asked it to, its worker ends too.
  private static func ended() {
    let failure = PythonFailure(description: "the application's event loop has ended")
    begun(.failure(failure))
    guard case .success = started, !isStopping else { return }
    loss = failure
    PreforkServer.lose("event loop", reason: "it has ended by itself")
  }

  /// Asks the application to end, and waits until it has.
  @Sendable static func stop(until deadline: Deadline) {
    isStopping = true
    tell(GREENPYTHON_EVENT_STOP, nil)
    try? loop?.join(until: deadline)
  }
}
