internal import Green
internal import GreenHTTP

/// A client whose bytes are known beforehand: they come in pieces of one size, or at once, and then the client ends.
final class PieceStream: ByteStream {
  private(set) var sent: [UInt8] = []
  private let bytes: [UInt8]
  private var position = 0
  private let piece: Int
  private let whenEmpty: () -> Void
  let peerDescription = "127.0.0.1:40312"

  /// - Parameters:
  ///   - piece: how many bytes come at a time; 0 for all.
  ///   - whenEmpty: called before the end.
  init(_ bytes: [UInt8], piece: Int, whenEmpty: @escaping () -> Void = {}) {
    self.bytes = bytes
    self.piece = piece > 0 ? piece : .max
    self.whenEmpty = whenEmpty
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    let count = min(buffer.count, bytes.count - position, piece)
    if count == 0 { whenEmpty() }
    buffer.copyBytes(from: bytes[position..<(position + count)])
    position += count
    return count
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws { sent += bytes }
}

/// An application made from a closure.
struct Handler: Application {
  let body: @Sendable (Request) throws -> Response

  func respond(to request: Request) throws -> Response { try body(request) }
}

/// What handlers write down of one run. One thread uses it.
final class Notes: @unchecked Sendable {
  var lines: [String] = []
}
