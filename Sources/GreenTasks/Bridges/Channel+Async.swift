public import Green

extension Channel where Element: Sendable {
  /// As `receive(until:)` for tasks: the task waits and its thread does not, and cancelling the task ends the wait.
  ///
  /// Fibers and tasks, of any hub and any executor, may use one channel, and are served in the order in which they came.
  ///
  /// - Returns: `nil` when the channel is closed and holds nothing more.
  /// - Throws: `CancellationError`; no element was taken then.
  public func receive() async throws -> Element? {
    if let element = tryReceive() { return element }
    return try await Fiber.run { try self.receive(until: .never) }
  }

  /// As `send(_:until:)` for tasks: see ``receive()``.
  ///
  /// - Throws: `ChannelClosed`, `CancellationError`; the element was not sent then.
  public func send(_ element: Element) async throws {
    if try trySend(element) { return }
    try await Fiber.run { try self.send(element, until: .never) }
  }

  /// What is received from now on, for `for try await` loops: the loop ends when the channel is closed and holds nothing
  /// more, and with `CancellationError` when its task is cancelled. Several loops over one channel share its elements.
  public var values: ChannelValues<Element> { ChannelValues(channel: self) }
}
