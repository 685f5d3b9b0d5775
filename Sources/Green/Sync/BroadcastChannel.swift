/// A stream of elements of which every receiver gets each: for events that any number follow. In a ``Channel`` each element
/// goes to one.
///
/// ```swift
/// let prices = BroadcastChannel<Price>(capacity: 64)
/// Fiber.spawn { for price in prices.receiver() { show(price) } }
/// prices.send(Price(symbol: "FNCH", 12.5))
/// ```
///
/// Sending never waits, so that a slow receiver holds up nobody: it loses the oldest elements instead, and is told how many
/// by ``BroadcastLag``. (Tokio's `broadcast` does the same. Where nothing may be lost, give each receiver a ``Channel``,
/// which makes the sender wait.)
///
/// The last `capacity` elements are kept until others come in their place or the last receiver goes. Fibers of several hubs
/// and threads share one whose elements are `Sendable`.
public final class BroadcastChannel<Element> {
  struct Content {
    /// The last elements; the one of number `n` lies at `n` modulo the capacity.
    var ring: [Element] = []
    /// The number that the next element gets.
    var sent: UInt64 = 0
    var receivers = 0
    var isClosed = false

    /// The number of the oldest element that is there.
    var oldest: UInt64 { sent - UInt64(ring.count) }
  }

  let state = SyncState(Content())
  /// How many elements a receiver may be behind before it loses the oldest.
  public let capacity: Int

  /// A broadcast without receivers. Memory is taken as it is needed.
  ///
  /// - Parameter capacity: how many elements are kept for those who are behind; one at least.
  public init(capacity: Int) {
    requirement(capacity > 0, "a broadcast must keep one element at least, not \(capacity)")
    self.capacity = capacity
  }

  /// How many receivers there are.
  public var receiverCount: Int { state.locked { content, _ in content.receivers } }

  /// Whether ``close()`` was called.
  public var isClosed: Bool { state.locked { content, _ in content.isClosed } }

  /// Gives the element to all receivers there are. Never waits; without receivers the element is let go of.
  ///
  /// - Returns: how many receivers there are.
  /// - Throws: ``ChannelClosed``.
  @discardableResult
  public func send(_ element: Element) throws -> Int {
    // What is overwritten ends after the lock is given back: its `deinit` may do anything.
    var overwritten: Element?
    state.lock.acquire()
    let content = state.content
    guard !content.pointee.isClosed else {
      state.lock.release()
      throw ChannelClosed()
    }
    let receivers = content.pointee.receivers
    guard receivers > 0 else {
      state.lock.release()
      return 0
    }
    if content.pointee.ring.count < capacity {
      content.pointee.ring.append(element)
    } else {
      let place = Int(content.pointee.sent % UInt64(capacity))
      overwritten = content.pointee.ring[place]
      content.pointee.ring[place] = element
    }
    content.pointee.sent += 1
    let woken = state.waiting.pointee.takeAll()
    state.lock.release()
    WaitList.wakeAll(woken)
    withExtendedLifetime(overwritten) {}
    Hub.spend()
    return receivers
  }

  /// Says that nothing more will be sent. Receivers get what is kept for them and then `nil`. Never waits; closing twice does
  /// nothing.
  public func close() { state.wakeAll { $0.isClosed = true } }

  /// A receiver of everything that is sent from now on. It is one as long as somebody keeps it.
  public func receiver() -> BroadcastReceiver<Element> { BroadcastReceiver(of: self) }
}

extension BroadcastChannel: @unchecked Sendable where Element: Sendable {}
