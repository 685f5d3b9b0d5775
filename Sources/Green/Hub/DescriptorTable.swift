internal import CFiber
internal import CLibEv
internal import Glibc

/// Why a wait for a descriptor has ended although nobody knows that it is ready.
enum DescriptorDoubt: UInt8 {
  case none
  /// The kernel will not watch it: memory is short, or the user has as many watches as `fs.epoll.max_user_watches` allows.
  case refused
  /// Another thread has closed it. By now the number may be another descriptor's.
  case closedElsewhere
}

/// One fiber's wait for one direction of one descriptor. It lies on the waiting fiber's stack, which stands still while
/// the fiber is parked.
struct DescriptorWait: Linked {
  let fiber: FiberPointer
  var next: UnsafeMutablePointer<DescriptorWait>?
  var previous: UnsafeMutablePointer<DescriptorWait>?
  /// Set when the wait has been answered, and is in no queue any more.
  var isDone = false
  /// What it was answered for, unless the descriptor is ready.
  var doubt = DescriptorDoubt.none

  init(_ fiber: FiberPointer) { self.fiber = fiber }
}

/// One direction of a descriptor: libev's watcher, and the fibers that wait, first come first served.
struct DescriptorDirection {
  var watcher = ev_io()
  private(set) var waits = LinkedList<DescriptorWait>()
  /// Whether the watcher was set for the file that the descriptor is now. Setting it anew makes libev ask the kernel
  /// anew, which a descriptor that was closed and given out again needs, and no other.
  var isSet = false
  /// How often in a row the watcher fired while nobody waited.
  var idleFirings: UInt8 = 0

  @inline(__always)
  mutating func append(_ wait: UnsafeMutablePointer<DescriptorWait>) { waits.append(wait) }

  @inline(__always)
  mutating func remove(_ wait: UnsafeMutablePointer<DescriptorWait>) {
    waits.remove(wait)
    wait.pointee.isDone = true
  }
}

/// Who waits for which descriptor.
///
/// A watcher that has been started stays active until its descriptor is closed: a server's connection is waited for
/// again and again, and stopping and starting a watcher between two iterations costs an `epoll_ctl` each time. It is
/// stopped only when it fires and nobody waits, so that a level-triggered loop does not spin: at once where the hub was
/// idle, and otherwise after a number of turns, since its fiber may be ready and not have had its turn yet.
final class DescriptorTable {
  typealias Direction = UnsafeMutablePointer<DescriptorDirection>

  /// Unsafe: entries are raw memory in chunks that never move, since libev keeps pointers to the watchers in them.
  /// Unsafe: it is used over no call but those of this class's own; to look for overlapping uses would cost each wait.
  @exclusivity(unchecked) private var chunks: [Direction?] = []
  /// How often a watcher was started: each may cost an `epoll_ctl`.
  private(set) var startCount: UInt64 = 0
  /// Whether fibers are ready while the loop looks at descriptors.
  var isBusy = false
  /// In so many turns a hub has run thousands of fibers. Each that its watcher fires in vain costs the kernel's report of
  /// it and no more.
  private static let longestIdle: UInt8 = 64
  private let loop: OpaquePointer
  private static let chunkShift = 5

  init(loop: OpaquePointer) { self.loop = loop }

  /// The entry for one direction of a descriptor: readable (`EV_READ`) or writable (`EV_WRITE`).
  private func direction(_ descriptor: CInt, _ event: CInt) -> Direction {
    let chunk = Int(descriptor) >> Self.chunkShift
    while chunk >= chunks.count { chunks.append(nil) }
    let entries = chunks[chunk] ?? makeChunk(chunk)
    return entries + ((Int(descriptor) & (1 << Self.chunkShift - 1)) * 2 + (event == CInt(EV_READ) ? 0 : 1))
  }

  private func existing(_ descriptor: CInt) -> (read: Direction, write: Direction)? {
    let chunk = Int(descriptor) >> Self.chunkShift
    guard descriptor >= 0, chunk < chunks.count, let entries = chunks[chunk] else { return nil }
    let entry = entries + (Int(descriptor) & (1 << Self.chunkShift - 1)) * 2
    return (entry, entry + 1)
  }

  private func makeChunk(_ index: Int) -> Direction {
    let count = 2 << Self.chunkShift
    let entries = Direction.allocate(capacity: count)
    entries.initialize(repeating: DescriptorDirection(), count: count)
    chunks[index] = entries
    return entries
  }

  /// Queues a wait and sees to it that the loop watches the descriptor.
  @inline(__always)
  func add(_ wait: UnsafeMutablePointer<DescriptorWait>, _ descriptor: CInt, _ event: CInt) {
    let direction = direction(descriptor, event)
    direction.pointee.append(wait)
    if cev_io_is_active(watcher(direction)) == 0 { start(direction, descriptor, event) }
  }

  /// Queues a wait that only a close, or its deadline, is to end.
  func addUnwatched(_ wait: UnsafeMutablePointer<DescriptorWait>, _ descriptor: CInt, _ event: CInt) {
    direction(descriptor, event).pointee.append(wait)
    DescriptorOwners.setWatched(descriptor)
  }

  private func start(_ direction: Direction, _ descriptor: CInt, _ event: CInt) {
    if !direction.pointee.isSet {
      cev_io_init(
        watcher(direction), { loop, watcher, events in DescriptorTable.fired(loop, watcher!, events) }, descriptor,
        event)
      direction.pointee.isSet = true
      DescriptorOwners.setWatched(descriptor)
    }
    direction.pointee.idleFirings = 0
    startCount &+= 1
    ev_io_start(loop, watcher(direction))
  }

  /// Whether the descriptor may be waited for. Tables here and in libev grow with the highest number, so one that is
  /// beyond them has to be open: then the process's own limit of descriptors bounds them.
  @inline(__always)
  func reaches(_ descriptor: CInt) -> Bool {
    descriptor >= 0 && (Int(descriptor) >> Self.chunkShift < chunks.count || fcntl(descriptor, F_GETFD) >= 0)
  }

  func remove(_ wait: UnsafeMutablePointer<DescriptorWait>, _ descriptor: CInt, _ event: CInt) {
    direction(descriptor, event).pointee.remove(wait)
  }

  private static func fired(_ loop: OpaquePointer?, _ watcher: UnsafeMutablePointer<ev_io>, _ events: CInt) {
    // Unsafe: the watcher is the first member of its direction.
    let direction = UnsafeMutableRawPointer(watcher).assumingMemoryBound(to: DescriptorDirection.self)
    // libev gives up on a descriptor that the kernel refuses, and is to ask again.
    if events & CInt(truncatingIfNeeded: EV_ERROR) != 0 {
      direction.pointee.isSet = false
      return refused(direction, watcher.pointee.fd)
    }
    guard let wait = direction.pointee.waits.first else { return firedInVain(loop, direction) }
    direction.pointee.idleFirings = 0
    direction.pointee.remove(wait)
    let fiber = wait.pointee.fiber
    let hub = fiber.record.pointee.hub
    hub.pointee.firings &+= 1
    hub.ready(fiber)
  }

  private static func firedInVain(_ loop: OpaquePointer?, _ direction: Direction) {
    direction.pointee.idleFirings += 1
    let hub = cfiber_current()?.record.pointee.hub
    hub?.pointee.firings &+= 1
    let isBusy = hub?.table.isBusy ?? false
    if isBusy && direction.pointee.idleFirings < longestIdle { return }
    ev_io_stop(loop, UnsafeMutableRawPointer(direction).assumingMemoryBound(to: ev_io.self))
  }

  /// Of a descriptor that is closed, or is the loop's own, everybody is told so. Of another everybody tries the call, and
  /// where it has to wait, that is then done without the kernel's help.
  private static func refused(_ direction: Direction, _ descriptor: CInt) {
    let isBad = [EBADF, EINVAL, ELOOP].contains(cev_refusal(descriptor))
    direction.pointee.waits.forEach { $0.pointee.doubt = isBad ? .none : .refused }
    wakeAll(direction, isBad ? .called : .ready)
  }

  private static func wakeAll(_ direction: Direction, _ wake: Wake) {
    while let wait = direction.pointee.waits.first {
      direction.pointee.remove(wait)
      let fiber = wait.pointee.fiber
      fiber.record.pointee.hub.ready(fiber, wake)
    }
  }

  /// The descriptor is about to be closed or replaced: those who wait for it are told, and the loop forgets it.
  func closing(_ descriptor: CInt) {
    guard let (read, write) = existing(descriptor) else { return }
    close(read, .called)
    close(write, .called)
  }

  /// As ``closing(_:)``, for a descriptor that another thread has closed meanwhile. By now it may be open again as
  /// something else, so those who wait try their call again: it tells them, or they wait anew.
  func closedElsewhere(_ descriptor: CInt) {
    guard let (read, write) = existing(descriptor) else { return }
    for direction in [read, write] {
      direction.pointee.waits.forEach { $0.pointee.doubt = .closedElsewhere }
      close(direction, .ready)
    }
  }

  private func close(_ direction: Direction, _ wake: Wake) {
    if direction.pointee.isSet {
      ev_io_stop(loop, watcher(direction))
      direction.pointee.isSet = false
    }
    Self.wakeAll(direction, wake)
  }

  /// Wakes those who wait to read the descriptor without closing it: their wait is called off.
  func callOffReaders(_ descriptor: CInt) {
    if let (read, _) = existing(descriptor) { Self.wakeAll(read, .called) }
  }

  /// Stops the watchers of descriptors that nobody waits for.
  func stopUnwaited() {
    forEach { if $0.pointee.waits.isEmpty && cev_io_is_active(watcher($0)) != 0 { ev_io_stop(loop, watcher($0)) } }
  }

  /// How many descriptors are waited for; one that is waited for in both directions counts twice.
  var waitedCount: Int {
    var count = 0
    forEach { if !$0.pointee.waits.isEmpty { count += 1 } }
    return count
  }

  /// Has all who wait for the descriptor look again, without closing it: one who uses it through an object that is closed
  /// finds that, and the others wait anew.
  func wakeAll(_ descriptor: CInt) {
    guard let (read, write) = existing(descriptor) else { return }
    Self.wakeAll(read, .ready)
    Self.wakeAll(write, .ready)
  }

  /// In a forked child: no watcher and no wait of the parent is left.
  func forgetAll() {
    forEach { direction in
      ev_io_stop(loop, watcher(direction))
      direction.pointee = DescriptorDirection()
    }
  }

  func close() {
    forEach { ev_io_stop(loop, watcher($0)) }
    for case .some(let chunk) in chunks { chunk.deallocate() }
    chunks = []
  }

  private func forEach(_ body: (Direction) -> Void) {
    for case .some(let chunk) in chunks { for index in 0..<(2 << Self.chunkShift) { body(chunk + index) } }
  }

  @inline(__always)
  private func watcher(_ direction: Direction) -> UnsafeMutablePointer<ev_io> {
    UnsafeMutableRawPointer(direction).assumingMemoryBound(to: ev_io.self)
  }
}
