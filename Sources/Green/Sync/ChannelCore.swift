/// A channel without the type of its elements: who waits, and which places of the buffer are taken.
///
/// The operations come in halves. The first finds out, with the channel's lock, where the element goes or comes from;
/// then ``Channel``, which knows the type, moves it; and the second half ends the operation. So everything but the move
/// is compiled once, and an element is moved from the sender's frame straight into the receiver's.
@usableFromInline
struct ChannelCore {
  fileprivate(set) var isClosed = false
  fileprivate(set) var senders = WaitList()
  fileprivate(set) var receivers = WaitList()
  let capacity: Int
  /// The ring of buffered elements: a power of two places of `stride` bytes.
  fileprivate(set) var ring: UnsafeMutableRawPointer?
  fileprivate(set) var places = 0
  fileprivate(set) var head = 0
  fileprivate(set) var count = 0
  fileprivate let stride: Int

  private init(capacity: Int, stride: Int) {
    self.capacity = capacity
    self.stride = stride
  }

  /// The lock lies before the core and not in it: others try to take it while its holder changes the core.
  fileprivate static var lockRoom: Int { 16 }

  static func allocate(capacity: Int, stride: Int) -> ChannelPointer {
    let room = UnsafeMutableRawPointer.allocate(
      byteCount: lockRoom + MemoryLayout<ChannelCore>.size, alignment: lockRoom)
    room.initializeMemory(as: UInt32.self, to: 0)
    let core = (room + lockRoom).bindMemory(to: ChannelCore.self, capacity: 1)
    core.initialize(to: ChannelCore(capacity: capacity, stride: stride))
    return core
  }

  @inline(__always)
  fileprivate func place(_ index: Int) -> UnsafeMutableRawPointer? {
    ring.map { $0 + (index & (places - 1)) * stride }
  }
}

@usableFromInline typealias ChannelPointer = UnsafeMutablePointer<ChannelCore>

/// What the first half of an operation found.
@usableFromInline
struct ChannelStep {
  @usableFromInline
  enum Kind: UInt8 {
    /// Another waits for this operation: `place` is in its frame. It has been taken out, and goes on at the second half.
    case peer
    /// `place` is in the buffer. The lock is held.
    case buffer
    /// The buffer must grow first. The lock is held.
    case growth
    /// Nothing can be done now. The lock is held.
    case nothing
    /// The channel is closed.
    case closed
  }

  @usableFromInline let kind: Kind
  @usableFromInline let place: UnsafeMutableRawPointer?
  @usableFromInline let peer: UnsafeMutableRawPointer?

  @inline(__always)
  init(_ kind: Kind, _ place: UnsafeMutableRawPointer? = nil, _ peer: WaiterPointer? = nil) {
    self.kind = kind
    self.place = place
    self.peer = UnsafeMutableRawPointer(peer)
  }
}

extension UnsafeMutablePointer where Pointee == ChannelCore {
  @inline(__always)
  var stateLock: SyncLock {
    (UnsafeMutableRawPointer(self) - ChannelCore.lockRoom).assumingMemoryBound(to: UInt32.self)
  }

  func destroy() {
    pointee.ring?.deallocate()
    (UnsafeMutableRawPointer(self) - ChannelCore.lockRoom).deallocate()
  }

  var senders: UnsafeMutablePointer<WaitList> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<ChannelCore>.offset(of: \.senders)!)
      .assumingMemoryBound(to: WaitList.self)
  }

  var receivers: UnsafeMutablePointer<WaitList> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<ChannelCore>.offset(of: \.receivers)!)
      .assumingMemoryBound(to: WaitList.self)
  }

  // MARK: Sending

  /// The first half of sending, with the lock held; it stays held.
  @inline(__always)
  func stepSend() -> ChannelStep {
    if let receiver = pointee.receivers.popFirst() { return ChannelStep(.peer, receiver.pointee.slot, receiver) }
    if pointee.isClosed { return ChannelStep(.closed) }
    if pointee.count >= pointee.capacity { return ChannelStep(.nothing) }
    if pointee.count == pointee.places { return ChannelStep(.growth) }
    return ChannelStep(.buffer, pointee.place(pointee.head + pointee.count))
  }

  @usableFromInline
  func beginSend() -> ChannelStep {
    stateLock.acquire()
    let step = stepSend()
    if step.kind == .peer || step.kind == .closed { stateLock.release() }
    return step
  }

  /// The element is in the buffer.
  @usableFromInline
  func endSend() {
    stored()
    stateLock.release()
    Hub.spend()
  }

  @inline(__always)
  func stored() { pointee.count += 1 }

  /// The ring that is full, for the typed code to move its elements to a larger one. With the lock held.
  @usableFromInline
  func fullRing() -> (elements: UnsafeMutableRawPointer?, count: Int, head: Int) {
    (pointee.ring, pointee.count, pointee.head)
  }

  /// Takes the larger ring. The next element goes to the returned place.
  @usableFromInline
  func setRing(_ ring: UnsafeMutableRawPointer, _ places: Int) -> UnsafeMutableRawPointer {
    pointee.ring = ring
    pointee.places = places
    pointee.head = 0
    return ring + pointee.count * pointee.stride
  }

  /// Waits until a receiver has taken the element out of `slot`. The lock is held before, and not afterwards.
  @usableFromInline
  func waitToSend(_ slot: UnsafeMutableRawPointer, until deadline: Deadline) throws {
    var waiter = Waiter(slot: slot)
    let reason = WaitReason(.sending, at: UnsafeRawPointer(self))
    try withUnsafeMutablePointer(to: &waiter) {
      try senders.wait($0, stateLock, until: deadline, for: reason).check()
      if $0.pointee.isRefused { throw ChannelClosed() }
    }
  }

  // MARK: Receiving

  /// The first half of receiving, with the lock held; it stays held.
  @inline(__always)
  func stepReceive() -> ChannelStep {
    if pointee.count > 0 { return ChannelStep(.buffer, pointee.place(pointee.head)) }
    if let sender = pointee.senders.popFirst() { return ChannelStep(.peer, sender.pointee.slot, sender) }
    return ChannelStep(pointee.isClosed ? .closed : .nothing)
  }

  @usableFromInline
  func beginReceive() -> ChannelStep {
    stateLock.acquire()
    let step = stepReceive()
    if step.kind == .peer || step.kind == .closed { stateLock.release() }
    return step
  }

  /// The first element has been moved out of the buffer. A sender that waits may put its own there, at the end: then the
  /// lock is still held, for ``endRefill(_:)``.
  @usableFromInline
  func endReceive() -> ChannelStep {
    let step = stepRefill()
    if step.kind == .peer { return step }
    stateLock.release()
    Hub.spend()
    return step
  }

  /// As ``endReceive()``, and the lock stays held in any case.
  @inline(__always)
  func stepRefill() -> ChannelStep {
    pointee.head = (pointee.head + 1) & (pointee.places - 1)
    pointee.count -= 1
    guard let sender = pointee.senders.popFirst() else { return ChannelStep(.nothing) }
    return ChannelStep(.peer, sender.pointee.slot, sender)
  }

  /// The place for the element of a sender that waited.
  @usableFromInline
  func refillPlace() -> UnsafeMutableRawPointer? { pointee.place(pointee.head + pointee.count) }

  @usableFromInline
  func endRefill(_ sender: UnsafeMutableRawPointer?) {
    stored()
    stateLock.release()
    wake(sender)
  }

  /// Waits until a sender has put an element into `slot`, or the channel is closed. The lock is held before, and not
  /// afterwards.
  @usableFromInline
  func waitToReceive(_ slot: UnsafeMutableRawPointer, until deadline: Deadline) throws {
    var waiter = Waiter(slot: slot)
    let reason = WaitReason(.receiving, at: UnsafeRawPointer(self))
    try withUnsafeMutablePointer(to: &waiter) {
      try receivers.wait($0, stateLock, until: deadline, for: reason).check()
    }
  }

  // MARK: Either

  /// The second half of an operation with a peer.
  @usableFromInline
  func wake(_ peer: UnsafeMutableRawPointer?) {
    peer?.assumingMemoryBound(to: Waiter.self).wake()
    Hub.spend()
  }

  /// Gives up after a first half that found nothing.
  @usableFromInline
  func giveUp() { stateLock.release() }

  /// What `body` reads, with the lock held.
  @inline(__always)
  func read<Value>(_ body: (ChannelPointer) -> Value) -> Value {
    stateLock.acquire()
    defer { stateLock.release() }
    return body(self)
  }

  func close() {
    stateLock.acquire()
    pointee.isClosed = true
    let (senders, receivers) = (pointee.senders.takeAll(), pointee.receivers.takeAll())
    stateLock.release()
    for waiters in [senders, receivers] {
      waiters.forEach { $0.pointee.isRefused = true }
      WaitList.wakeAll(waiters)
    }
  }
}
