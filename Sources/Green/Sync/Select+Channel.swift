extension SelectCase {
  /// Receives from the channel; `body` is given `nil` when it is closed and holds nothing more.
  @inlinable
  public static func receive<Element>(
    _ channel: Channel<Element>, _ body: @escaping (Element?) throws -> Result
  ) -> SelectCase {
    let choice = Choice(receivingFrom: channel.core) { place in
      guard let place = place?.assumingMemoryBound(to: Element?.self) else {
        let new = UnsafeMutablePointer<Element?>.allocate(capacity: 1)
        new.initialize(to: nil)
        return UnsafeMutableRawPointer(new)
      }
      place.deinitialize(count: 1)
      place.deallocate()
      return nil
    }
    return SelectCase(choice) { outcome in
      switch outcome {
      case .atOnce(let step): return try body(channel.finishReceive(step))
      case .answered(let place, isClosed: _):
        let place = place.unsafelyUnwrapped.assumingMemoryBound(to: Element?.self)
        let element = place.move()
        place.deallocate()
        return try body(element)
      case .idle: return try body(nil)
      }
    }
  }

  /// Sends the element. A channel that is closed counts as possible, and then ``ChannelClosed`` is thrown.
  @inlinable
  public static func send<Element>(
    _ element: Element, to channel: Channel<Element>, _ body: @escaping () throws -> Result
  ) -> SelectCase {
    let choice = Choice(sendingTo: channel.core) { place in
      guard let place = place?.assumingMemoryBound(to: Element.self) else {
        let new = UnsafeMutablePointer<Element>.allocate(capacity: 1)
        new.initialize(to: element)
        return UnsafeMutableRawPointer(new)
      }
      place.deinitialize(count: 1)
      place.deallocate()
      return nil
    }
    return SelectCase(choice) { outcome in
      switch outcome {
      case .atOnce(let step): try channel.finishSend(element, step)
      case .answered(let place, let isClosed):
        let place = place.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
        // A receiver has moved the element out.
        if isClosed { place.deinitialize(count: 1) }
        place.deallocate()
        if isClosed { throw ChannelClosed() }
      case .idle: break
      }
      return try body()
    }
  }
}
