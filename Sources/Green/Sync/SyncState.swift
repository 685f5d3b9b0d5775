/// The state of one synchronisation object: its lock, what it is about, and who waits.
///
/// Unsafe: a class's properties are checked for exclusive access at run time, and a value that fibers wait for is used
/// from several; so the state lies in raw memory, and the lock gives the exclusion. Threads may share it.
final class SyncState<Content>: @unchecked Sendable {
  private struct Layout {
    var lock: UInt32 = 0
    var waiting = WaitList()
    var content: Content
  }

  private let layout: UnsafeMutablePointer<Layout>
  let lock: SyncLock
  /// Those who wait. Only with the lock held.
  let waiting: UnsafeMutablePointer<WaitList>
  /// Only with the lock held.
  let content: UnsafeMutablePointer<Content>

  init(_ content: Content) {
    layout = .allocate(capacity: 1)
    layout.initialize(to: Layout(content: content))
    let base = UnsafeMutableRawPointer(layout)
    lock = base.assumingMemoryBound(to: UInt32.self)
    waiting = (base + MemoryLayout<Layout>.offset(of: \.waiting)!).assumingMemoryBound(to: WaitList.self)
    self.content = (base + MemoryLayout<Layout>.offset(of: \.content)!).assumingMemoryBound(to: Content.self)
  }

  deinit {
    layout.deinitialize(count: 1)
    layout.deallocate()
  }

  /// Calls `body` with the lock held.
  @inline(__always)
  func locked<Result>(_ body: (inout Content, inout WaitList) -> Result) -> Result {
    lock.acquire()
    defer { lock.release() }
    return body(&content.pointee, &waiting.pointee)
  }

  /// Calls `body` with the lock held, and then wakes all who wait.
  func wakeAll(after body: (inout Content) -> Void) {
    let woken = locked { content, waiting in
      body(&content)
      return waiting.takeAll()
    }
    WaitList.wakeAll(woken)
  }
}

extension SyncState where Content == Bool {
  /// Waits until the content is `true`; returns at once when it is. Who makes it so wakes all who wait.
  func waitUntilSet(until deadline: Deadline, for reason: WaitReason) throws {
    lock.acquire()
    if content.pointee {
      lock.release()
      return Hub.spend()
    }
    var waiter = Waiter()
    try withUnsafeMutablePointer(to: &waiter) {
      try waiting.wait($0, lock, until: deadline, for: reason).check()
    }
  }
}
