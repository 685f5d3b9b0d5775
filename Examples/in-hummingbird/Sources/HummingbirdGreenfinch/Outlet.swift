internal import Green
internal import GreenTasks
internal import Hummingbird
internal import NIOCore

/// Where blocking code writes the body of a response of Hummingbird's: each write waits until NIO takes it.
final class Outlet {
  private var writer: any ResponseBodyWriter
  private let eventLoop: any EventLoop
  private let deadline: Duration
  /// The bytes that NIO was given and may not have looked at.
  private var unseen = 0
  /// Whether a write has failed: the client has gone, or does not read.
  private(set) var isBroken = false

  /// The longest piece in which bytes are given to NIO.
  private static var pieceLimit: Int { 65_536 }

  /// - Parameters:
  ///   - eventLoop: that of the connection.
  ///   - deadline: how long each write of a piece may take.
  init(_ writer: any ResponseBodyWriter, on eventLoop: any EventLoop, deadline: Duration) {
    self.writer = writer
    self.eventLoop = eventLoop
    self.deadline = deadline
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceLimit))
      let piece = ByteBuffer(bytes: part)
      do {
        try withTimeout(deadline) { try Fiber.await { try await self.write(piece) } }
      } catch {
        isBroken = true
        throw error
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
    }
  }

  private func write(_ piece: ByteBuffer) async throws {
    var writer = writer
    try await writer.write(piece)
    self.writer = writer
    unseen += piece.readableBytes
    guard unseen >= Self.pieceLimit else { return }
    // A write ends when it is queued for the event loop, which learns only then that the client is slow: until it has come so
    // far, it would be given any number of them.
    try await eventLoop.submit {}.get()
    unseen = 0
  }
}
