import CFiber
import CGreenPython
import Green
import GreenServer
import SystemPackage

/// What Python is called in, in a green worker: fibers that are whole threads to it, and stay. The last that was given back is
/// the next that is taken, so that as few as may be hold a stack, a thread state, and what the application keeps for each
/// thread.
///
/// Only on the hub's thread.
final class Slots: @unchecked Sendable {
  /// Unsafe: set once, before the worker serves.
  nonisolated(unsafe) static var current = Slots(greenpython_host())

  private let host: greenpython_host
  private var free: [Slot] = []
  /// Those that have begun and not ended, by their fibers' addresses.
  private var fibers: [UnsafeMutableRawPointer: ParkedFiber] = [:]
  private(set) var count = 0
  private(set) var inUse = 0
  private(set) var most = 0
  private(set) var answered: UInt64 = 0

  init(_ host: greenpython_host) { self.host = host }

  /// Has a slot do something; it begins when the calling fiber waits.
  ///
  /// - Throws: ``HubError``, where no stack or no control block can be had.
  @discardableResult
  func run(_ work: SlotWork) throws -> Slot {
    let slot = try free.popLast() ?? make()
    inUse += 1
    most = max(most, inUse)
    slot.work = work
    slot.fiber?.wake()
    return slot
  }

  /// Ends what a slot waits for, see ``ParkedFiber/interrupt()``. Another thread may ask too, in vain: nothing that the
  /// hub's thread changes is read there.
  func interrupt(_ address: UnsafeMutableRawPointer) -> Bool {
    guard let hub = Hub.current, let fiber = fibers[address], fiber.owner === hub else { return false }
    return fiber.interrupt()
  }

  private func make() throws -> Slot {
    guard let hub = Hub.current else { throw Errno.invalidArgument }
    let slot = Slot()
    // Of nobody's deadline, and of no request's locals: it outlives them.
    slot.handle = try Fiber.spawnAlone(on: hub, name: "python", isolation: .thread) { self.serve(slot) }
    count += 1
    return slot
  }

  private func serve(_ slot: Slot) {
    guard let fiber = ParkedFiber.current else { return }
    slot.fiber = fiber
    fibers[fiber.address] = fiber
    defer { fibers[fiber.address] = nil }
    while true {
      while slot.work == nil { fiber.parkUninterrupted() }
      perform(slot)
      inUse -= 1
      // One that was cancelled waits for nothing any more.
      if slot.isSpent { break }
      free.append(slot)
    }
    count -= 1
  }

  private func perform(_ slot: Slot) {
    switch slot.work.take() {
    case .answer(let exchange, let deadline):
      answered += 1
      answer(exchange, deadline)
    case .run(let job):
      host.run(job.context)
      PreforkServer.endIfChild()
      job.ended()
    case nil: break
    }
  }

  private func answer(_ exchange: CallExchange, _ deadline: Deadline) {
    let line = exchange.request.lineBytes
    if let current = cfiber_current(), let bytes = line.baseAddress {
      cfiber_set_name(current, bytes.assumingMemoryBound(to: CChar.self), line.count)
    }
    if deadline == .never {
      call(exchange)
    } else {
      try? withDeadline(deadline) { call(exchange) }
    }
    exchange.hasReturned = true
    exchange.server.tell()
  }

  private func call(_ exchange: CallExchange) {
    var state: UnsafeMutableRawPointer?
    exchange.request.during { _ = host.respond(exchange.handle, &state) }
    PreforkServer.endIfChild()
  }
}

/// What a slot is to do.
enum SlotWork {
  case answer(CallExchange, Deadline)
  case run(PythonFiber)
}

/// See ``Slots``.
final class Slot {
  var work: SlotWork?
  fileprivate(set) var fiber: ParkedFiber?
  fileprivate(set) var handle: AnyFiber?
  private(set) var isSpent = false

  /// Every wait in it fails from now on: it serves nobody after this.
  func cancel() {
    isSpent = true
    handle?.cancel()
  }
}

/// Something in Python that runs in a slot.
final class PythonFiber {
  let context: UnsafeMutableRawPointer?
  /// The slot while it runs.
  var slot: Slot?
  var onEnd: (() -> Void)?
  private let end = Event()

  init(_ context: UnsafeMutableRawPointer?) { self.context = context }

  func ended() {
    slot = nil
    onEnd?()
    end.set()
  }

  func join(until deadline: Deadline) throws { try end.wait(until: deadline) }
}
