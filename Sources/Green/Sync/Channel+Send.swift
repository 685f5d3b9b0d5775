extension Channel {
  /// Hands an element to the first receiver that waits, or to the buffer, or waits until one of them takes it.
  ///
  /// - Throws: ``ChannelClosed``; `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every
  ///   wait. The element was not sent then.
  @inlinable
  public func send(_ element: consuming Element, until deadline: Deadline = .never) throws {
    let step = core.beginSend()
    if step.kind == .nothing { return try sendWaiting(element, until: deadline) }
    try finishSend(element, step)
  }

  /// As ``send(_:until:)`` if that is possible without waiting.
  ///
  /// - Returns: whether the element was sent.
  /// - Throws: ``ChannelClosed``.
  @inlinable
  public func trySend(_ element: consuming Element) throws -> Bool {
    let step = core.beginSend()
    if step.kind == .nothing {
      core.giveUp()
      return false
    }
    try finishSend(element, step)
    return true
  }

  /// The second half of what could be done without waiting.
  @inlinable @inline(__always)
  func finishSend(_ element: consuming Element, _ step: ChannelStep) throws {
    switch step.kind {
    case .peer: give(element, to: step)
    case .buffer: store(element, at: step.place)
    case .growth: store(element, at: grow())
    case .closed, .nothing: throw ChannelClosed()
    }
  }

  @inlinable @inline(__always)
  func give(_ element: consuming Element, to step: ChannelStep) {
    step.place.unsafelyUnwrapped.assumingMemoryBound(to: Element?.self).initialize(to: consume element)
    core.wake(step.peer)
  }

  @inlinable @inline(__always)
  func store(_ element: consuming Element, at place: UnsafeMutableRawPointer?) {
    place.unsafelyUnwrapped.assumingMemoryBound(to: Element.self).initialize(to: consume element)
    core.endSend()
  }

  @inlinable @inline(never)
  func sendWaiting(_ element: consuming Element, until deadline: Deadline) throws {
    // Unsafe: the receiver moves the element out of this frame, which stands still until then.
    let slot = consume element
    try withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { place in
      place.initializeElement(at: 0, to: slot)
      do {
        try core.waitToSend(UnsafeMutableRawPointer(place.baseAddress.unsafelyUnwrapped), until: deadline)
      } catch {
        place.deinitializeElement(at: 0)
        throw error
      }
    }
  }

  /// Moves the buffer to one of twice the size, with the lock held, and returns the place of the next element.
  @inlinable @inline(never)
  func grow() -> UnsafeMutableRawPointer {
    let (full, count, head) = core.fullRing()
    let places = Swift.max(4, count * 2)
    let ring = UnsafeMutablePointer<Element>.allocate(capacity: places)
    if let old = full?.assumingMemoryBound(to: Element.self) {
      // It is full: from its head to its end, and then from its beginning.
      ring.moveInitialize(from: old + head, count: count - head)
      (ring + (count - head)).moveInitialize(from: old, count: head)
      old.deallocate()
    }
    return core.setRing(UnsafeMutableRawPointer(ring), places)
  }
}
