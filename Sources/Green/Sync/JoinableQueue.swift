/// Work to be done: some put elements in, others take them out and say when they are done with one.
///
/// ```swift
/// let jobs = JoinableQueue<Job>(limit: 100)
/// for _ in 0..<4 {
///   Fiber.spawn {
///     for job in jobs {
///       defer { jobs.taskDone() }
///       job.run()
///     }
///   }
/// }
/// for job in list { try jobs.put(job) }
/// try jobs.join()       // until all are done
/// jobs.shutdown()       // lets the four end
/// ```
///
/// Those who wait to put or to take are served in the order in which they came, whatever the order of the elements.
/// Everything works outside fibers too; there the thread blocks. A ``Channel`` is faster where neither another order nor
/// ``join(until:)`` is wanted.
public class JoinableQueue<Element> {
  /// How many elements it holds at most.
  public final let limit: Int

  // All of this with the lock held. It is one that may be held over a wait, since the order asks code of others.
  // Unsafe: without Swift's check of exclusive access, for which the lock stands; the lists at a fixed address, since
  // those who wait leave them through a pointer.
  private final let takers: UnsafeMutablePointer<WaitList>
  private final var putters: UnsafeMutablePointer<WaitList> { takers + 1 }
  private final var joiners: UnsafeMutablePointer<WaitList> { takers + 2 }
  @exclusivity(unchecked) private final var unfinished = 0
  @exclusivity(unchecked) private final var isClosed = false
  private final let storage: QueueStorage<Element>
  private final let mutex: MutexPointer

  /// - Parameters:
  ///   - order: in which the elements are given out.
  ///   - limit: how many it holds before those who put wait.
  public init(_ order: QueueOrder<Element> = .firstInFirstOut, limit: Int = .max) {
    requirement(limit > 0, "a queue must have room for one element at least")
    self.limit = limit
    storage = order.makeStorage()
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: MutexCore())
    takers = .allocate(capacity: 3)
    takers.initialize(repeating: WaitList(), count: 3)
  }

  deinit {
    mutex.deallocate()
    takers.deallocate()
  }

  // MARK: What there is

  /// How many elements it holds now.
  public final var count: Int { locked { storage.count } }

  /// Whether it holds no element now.
  public final var isEmpty: Bool { count == 0 }

  /// Whether a ``put(_:until:)`` would have to wait.
  public final var isFull: Bool { count >= limit }

  /// How many elements have been put in for which ``taskDone()`` has not been called.
  public final var unfinishedCount: Int { locked { unfinished } }

  /// Whether ``shutdown(immediately:)`` was called.
  public final var isShutDown: Bool { locked { isClosed } }

  // MARK: Putting in

  /// Puts an element in. Parks or blocks while the queue is full.
  ///
  /// - Throws: ``QueueShutDown``; `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every
  ///   wait. The element was not put in then.
  public final func put(_ element: Element, until deadline: Deadline = .never) throws {
    if try putIfPossible(element) { return Hub.spend() }
    // Unsafe: a taker moves the element out of this frame, which stands still until then.
    var element: Element? = element
    try withUnsafeMutablePointer(to: &element) {
      var waiter = Waiter(slot: UnsafeMutableRawPointer($0))
      try wait(in: putters, &waiter, until: deadline)
      if waiter.isRefused { throw QueueShutDown() }
    }
  }

  /// Puts an element in if there is room. Never waits.
  ///
  /// - Throws: ``QueueShutDown``.
  public final func tryPut(_ element: Element) throws -> Bool {
    if try putIfPossible(element) { return true }
    mutex.unlock()
    return false
  }

  /// - Returns: whether it was possible; if not, the lock is held.
  private final func putIfPossible(_ element: Element) throws -> Bool {
    mutex.lock()
    if isClosed {
      mutex.unlock()
      throw QueueShutDown()
    }
    guard storage.count < limit else { return false }
    unfinished += 1
    let woken = hand(element)
    mutex.unlock()
    WaitList.wakeAll(woken)
    return true
  }

  /// Gives the element to the first who waits to take one, and shows it to those before him who wait to peek; without a
  /// taker it stays.
  private final func hand(_ element: Element) -> WaitList {
    var woken = WaitList()
    while let waiter = takers.pointee.popFirst() {
      waiter.pointee.slot!.assumingMemoryBound(to: Element?.self).pointee = element
      woken.collect(waiter)
      if waiter.pointee.tag == Self.taking { return woken }
    }
    storage.add(element)
    return woken
  }

  // MARK: Taking out

  private static var taking: Int { 0 }
  private static var peeking: Int { 1 }

  /// Takes the next element out. Parks or blocks while there is none.
  ///
  /// - Returns: `nil` when the queue was shut down and is empty.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. Nothing was taken
  ///   out then.
  public final func take(until deadline: Deadline = .never) throws -> Element? {
    if let element = takeIfPossible() {
      Hub.spend()
      return element
    }
    return try waitForElement(Self.taking, until: deadline)
  }

  /// Takes the next element out if there is one. Never waits.
  public final func tryTake() -> Element? {
    if let element = takeIfPossible() { return element }
    mutex.unlock()
    return nil
  }

  /// The next element, which stays in the queue. Parks or blocks while there is none.
  ///
  /// - Returns, Throws: as ``take(until:)``.
  public final func peek(until deadline: Deadline = .never) throws -> Element? {
    mutex.lock()
    if let element = storage.next {
      mutex.unlock()
      Hub.spend()
      return element
    }
    return try waitForElement(Self.peeking, until: deadline)
  }

  /// The next element if there is one, which stays in the queue. Never waits.
  public final func tryPeek() -> Element? { locked { storage.next } }

  /// - Returns: `nil` when there is none; then the lock is held.
  private final func takeIfPossible() -> Element? {
    mutex.lock()
    guard storage.count > 0 else { return nil }
    let element = storage.remove()
    var woken = WaitList()
    if let putter = putters.pointee.popFirst() {
      // There is room for one who waits. Nobody waits to take, or the queue would have been empty.
      storage.add(putter.pointee.slot!.assumingMemoryBound(to: Element?.self).pointee.take()!)
      unfinished += 1
      woken.collect(putter)
    }
    mutex.unlock()
    WaitList.wakeAll(woken)
    return element
  }

  /// With the lock held, which is given back.
  private final func waitForElement(_ tag: Int, until deadline: Deadline) throws -> Element? {
    if isClosed {
      mutex.unlock()
      return nil
    }
    // Unsafe: whoever puts an element in writes it into this frame, which stands still until then.
    var element: Element?
    try withUnsafeMutablePointer(to: &element) {
      var waiter = Waiter(tag: tag, slot: UnsafeMutableRawPointer($0))
      try wait(in: takers, &waiter, until: deadline)
    }
    return element
  }

  // MARK: Being done

  /// Says that one of the elements taken out is done with. To be called once for each.
  public final func taskDone() {
    mutex.lock()
    requirement(unfinished > 0, "taskDone() was called more often than elements were put in")
    finished(1)
  }

  /// Waits until ``taskDone()`` has been called for every element that was put in. Parks or blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public final func join(until deadline: Deadline = .never) throws {
    mutex.lock()
    if unfinished == 0 {
      mutex.unlock()
      return Hub.spend()
    }
    var waiter = Waiter()
    try wait(in: joiners, &waiter, until: deadline)
  }

  /// With the lock held, which is given back.
  private final func finished(_ count: Int) {
    unfinished -= count
    let woken = unfinished == 0 ? joiners.pointee.takeAll() : WaitList()
    mutex.unlock()
    WaitList.wakeAll(woken)
  }

  /// Says that nothing more will be put in: who does, or waits to, gets ``QueueShutDown``. Those who take get what is
  /// there and then `nil`. Never waits.
  ///
  /// - Parameter immediately: throws away what is there, as if it had been done.
  public final func shutdown(immediately: Bool = false) {
    mutex.lock()
    isClosed = true
    let (takers, putters) = (takers.pointee.takeAll(), putters.pointee.takeAll())
    var dropped: [Element] = []
    while immediately && storage.count > 0 { dropped.append(storage.remove()) }
    finished(dropped.count)
    putters.forEach { $0.pointee.isRefused = true }
    WaitList.wakeAll(takers)
    WaitList.wakeAll(putters)
  }

  // MARK: Waiting

  private final func locked<Result>(_ body: () -> Result) -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    return body()
  }

  /// With the lock held, which is given back.
  private final func wait(
    in list: UnsafeMutablePointer<WaitList>, _ waiter: inout Waiter, until deadline: Deadline
  ) throws {
    let reason = WaitReason(.queue, on: self)
    try withUnsafeMutablePointer(to: &waiter) {
      try list.wait($0, MutexGuard(core: mutex), until: deadline, for: reason).check()
    }
  }
}

extension JoinableQueue: Sequence, IteratorProtocol {
  /// As ``take(until:)``, for `for` loops: the loop ends when the queue was shut down and is empty, and also when a wait in
  /// it ends by cancellation or by the deadline of an enclosing scope, which every later wait then tells.
  public final func next() -> Element? { try? take() }
}

extension JoinableQueue: @unchecked Sendable where Element: Sendable {}
