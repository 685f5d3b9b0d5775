/// One who gets all that is sent to a ``BroadcastChannel``, from its beginning on. Several fibers that use the same one
/// share its elements.
public final class BroadcastReceiver<Element>: Sequence, IteratorProtocol {
  private let channel: BroadcastChannel<Element>
  /// The number of the element that comes next. Unsafe: without Swift's check of exclusive access, for which the channel's
  /// lock stands.
  @exclusivity(unchecked) private var place: UInt64 = 0

  init(of channel: BroadcastChannel<Element>) {
    self.channel = channel
    channel.state.lock.acquire()
    channel.state.content.pointee.receivers += 1
    place = channel.state.content.pointee.sent
    channel.state.lock.release()
  }

  deinit {
    // Nobody is left who could be behind.
    let rest = channel.state.locked { content, _ in
      content.receivers -= 1
      guard content.receivers == 0 else { return [Element]() }
      var rest: [Element] = []
      swap(&rest, &content.ring)
      content.sent = 0
      return rest
    }
    withExtendedLifetime(rest) {}
  }

  /// The next element. Parks or blocks until there is one.
  ///
  /// - Returns: `nil` when the channel is closed and has nothing more for this receiver.
  /// - Throws: ``BroadcastLag`` where elements were lost: the next call gives the oldest that is left. `Errno.timedOut` at the
  ///   deadline; `CancellationError` and ``TimeoutError`` as every wait; no element was taken then.
  public func receive(until deadline: Deadline = .never) throws -> Element? {
    while true {
      channel.state.lock.acquire()
      switch takeNext() {
      case .element(let element):
        channel.state.lock.release()
        Hub.spend()
        return element
      case .lag(let lag):
        channel.state.lock.release()
        throw lag
      case .closed:
        channel.state.lock.release()
        return nil
      case .nothing: try wait(until: deadline)
      }
    }
  }

  /// As ``receive(until:)`` if there is an element; else `nil`. Never waits.
  ///
  /// - Throws: ``BroadcastLag``.
  public func tryReceive() throws -> Element? {
    channel.state.lock.acquire()
    let next = takeNext()
    channel.state.lock.release()
    switch next {
    case .element(let element): return element
    case .lag(let lag): throw lag
    case .closed, .nothing: return nil
    }
  }

  /// As ``receive(until:)``, for `for` loops: elements that were lost are passed over in silence. The loop ends when the
  /// channel is closed, and also when a wait in it ends by cancellation or by the deadline of an enclosing scope, which every
  /// later wait then tells.
  public func next() -> Element? {
    while true {
      do {
        return try receive()
      } catch is BroadcastLag {
        continue
      } catch {
        return nil
      }
    }
  }

  private enum Next {
    case element(Element)
    case lag(BroadcastLag)
    case closed
    case nothing
  }

  /// With the lock held.
  private func takeNext() -> Next {
    let content = channel.state.content
    let oldest = content.pointee.oldest
    if place < oldest {
      defer { place = oldest }
      return .lag(BroadcastLag(missed: Int(clamping: oldest - place)))
    }
    guard place < content.pointee.sent else { return content.pointee.isClosed ? .closed : .nothing }
    defer { place += 1 }
    return .element(content.pointee.ring[Int(place % UInt64(channel.capacity))])
  }

  /// Waits until something was sent, or the channel closed. The lock is held before, and not afterwards.
  private func wait(until deadline: Deadline) throws {
    var waiter = Waiter()
    let reason = WaitReason(.broadcast, on: channel)
    try withUnsafeMutablePointer(to: &waiter) {
      try channel.state.waiting.wait($0, channel.state.lock, until: deadline, for: reason).check()
    }
  }
}

extension BroadcastReceiver: @unchecked Sendable where Element: Sendable {}

extension BroadcastReceiver: Selectable {
  var selectionLock: SyncLock { channel.state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { channel.state.waiting }

  func takeSelected() -> Bool {
    place < channel.state.content.pointee.sent || channel.state.content.pointee.isClosed
  }
}

extension SelectCase {
  /// Receives from a broadcast; `body` is given `nil` when it is closed and has nothing more. Throws ``BroadcastLag`` where
  /// elements were lost. Where another fiber that uses the same receiver takes the element first, it waits for the next.
  public static func receive<Element>(
    _ receiver: BroadcastReceiver<Element>, _ body: @escaping (Element?) throws -> Result
  ) -> SelectCase {
    SelectCase(Choice(.object(receiver))) { _ in try body(receiver.receive()) }
  }
}
