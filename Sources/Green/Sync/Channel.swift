/// A pipe for values between fibers and threads: what one sends, one other receives, in the order in which it was sent.
///
/// Without a capacity it holds nothing: a sender waits until a receiver takes its element. With one, so many elements
/// wait in it before senders do.
///
/// ```swift
/// let lines = Channel<String>(capacity: 100)
/// Fiber.spawn {
///   defer { lines.close() }
///   while let line = try reader.next() { try lines.send(line) }
/// }
/// for line in lines { print(line) }
/// ```
///
/// Receivers are served in the order in which they came, and so are senders; a newcomer does not overtake. An element
/// goes straight from the sender's frame into the waiting receiver's. Between two fibers of one hub that costs some tens
/// of nanoseconds, the switch included, and nothing is allocated.
///
/// Everything but waiting for another to come works outside fibers as well as in them; there the thread blocks. A channel
/// whose elements are `Sendable` is, so fibers of several hubs and threads share it.
public final class Channel<Element> {
  /// Unsafe: raw memory, so that no exclusivity is checked at run time; the lock in it gives the exclusion.
  @usableFromInline let core: ChannelPointer

  /// - Parameter capacity: how many elements it holds that nobody has received yet; `.max` for any number. Memory is taken
  ///   as it is needed.
  public init(capacity: Int = 0) {
    requirement(capacity >= 0, "a channel cannot have a capacity of \(capacity)")
    core = ChannelCore.allocate(capacity: capacity, stride: MemoryLayout<Element>.stride)
  }

  deinit {
    while case let step = core.beginReceive(), step.kind == .buffer, let place = step.place {
      place.assumingMemoryBound(to: Element.self).deinitialize(count: 1)
      _ = core.endReceive()
    }
    core.destroy()
  }

  /// How many elements it holds at most.
  public var capacity: Int { core.pointee.capacity }

  /// How many elements it holds now: those of senders that wait are not among them.
  public var count: Int { core.read { $0.pointee.count } }

  /// Whether ``close()`` was called. There may still be elements to receive.
  public var isClosed: Bool { core.read { $0.pointee.isClosed } }

  /// Says that nothing more will be sent. Receivers get what the channel still holds and then `nil`; whoever sends, or
  /// waits to, gets ``ChannelClosed``. Never waits; closing twice does nothing.
  public func close() { core.close() }
}

extension Channel: @unchecked Sendable where Element: Sendable {}
