import Green
import GreenHTTP

/// A peer whose bytes are known beforehand, and come in pieces of a size.
final class ScriptedStream: ByteStream {
  private(set) var sent: [UInt8] = []
  private var left: ArraySlice<UInt8>
  private let pieces: Int
  let peerDescription = "nobody"

  init(_ bytes: [UInt8], pieces: Int) {
    left = bytes[...]
    self.pieces = pieces
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    let piece = left.prefix(min(pieces, buffer.count))
    buffer.copyBytes(from: piece)
    left = left.dropFirst(piece.count)
    return piece.count
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws { sent += bytes }
}
