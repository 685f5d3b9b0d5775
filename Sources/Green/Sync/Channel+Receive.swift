extension Channel {
  /// The next element: one that the channel holds, or that a waiting sender has, or that comes while this call waits.
  ///
  /// - Returns: `nil` when the channel is closed and holds nothing more.
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. No element was
  ///   taken then.
  @inlinable
  public func receive(until deadline: Deadline = .never) throws -> Element? {
    let step = core.beginReceive()
    return step.kind == .nothing ? try receiveWaiting(until: deadline) : finishReceive(step)
  }

  /// As ``receive(until:)`` if that is possible without waiting; else `nil`.
  @inlinable
  public func tryReceive() -> Element? {
    let step = core.beginReceive()
    if step.kind == .nothing {
      core.giveUp()
      return nil
    }
    return finishReceive(step)
  }

  /// The second half of what could be done without waiting; `nil` when the channel is closed.
  @inlinable @inline(__always)
  func finishReceive(_ step: ChannelStep) -> Element? {
    switch step.kind {
    case .peer: return take(from: step)
    case .buffer: return takeBuffered(step.place)
    case .closed, .growth, .nothing: return nil
    }
  }

  @inlinable @inline(__always)
  func take(from step: ChannelStep) -> Element {
    let element = step.place.unsafelyUnwrapped.assumingMemoryBound(to: Element.self).move()
    core.wake(step.peer)
    return element
  }

  @inlinable @inline(__always)
  func takeBuffered(_ place: UnsafeMutableRawPointer?) -> Element {
    let element = place.unsafelyUnwrapped.assumingMemoryBound(to: Element.self).move()
    let step = core.endReceive()
    if step.kind == .peer { refill(from: step) }
    return element
  }

  @inlinable @inline(__always)
  func refill(from step: ChannelStep) {
    let sent = step.place.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
    core.refillPlace().unsafelyUnwrapped.assumingMemoryBound(to: Element.self).moveInitialize(from: sent, count: 1)
    core.endRefill(step.peer)
  }

  @inlinable @inline(never)
  func receiveWaiting(until deadline: Deadline) throws -> Element? {
    // Unsafe: the sender puts the element into this frame, which stands still until then.
    var element: Element?
    try withUnsafeMutablePointer(to: &element) {
      try core.waitToReceive(UnsafeMutableRawPointer($0), until: deadline)
    }
    return element
  }
}

extension Channel: Sequence, IteratorProtocol {
  /// As ``receive(until:)``, for `for` loops: the loop ends when the channel is closed and holds nothing more, and also
  /// when a wait in it ends by cancellation or by the deadline of an enclosing scope, which every later wait then tells.
  @inlinable
  public func next() -> Element? { try? receive() }
}
