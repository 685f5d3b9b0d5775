internal import Green
internal import GreenTasks

// The same by the same names, for tasks.
extension HTTPClientResponse {
  /// As the blocking method of this name, for tasks.
  public func bytes(upTo limit: Int? = nil) async throws -> [UInt8] {
    try await Fiber.run { try self.bytes(upTo: limit) }
  }

  /// As the blocking method of this name, for tasks.
  public func text(upTo limit: Int? = nil) async throws -> String {
    try await Fiber.run { try self.text(upTo: limit) }
  }
}
