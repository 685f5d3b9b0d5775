import Glibc
import Green
import GreenHTTP

// Says what it takes of connections: for the comparison with other parsers. On standard input each connection's bytes come
// after their count, four bytes, the most significant first; the answer, a line for each connection, has the requests
// separated by tabs, and of each the method, the target, the names of its fields and its body, separated by blanks: the names
// by commas, the body in hexadecimal. After the last connection its input ends.

/// Notes what it sees. One thread uses it.
final class Noting: Application, @unchecked Sendable {
  private(set) var requests: [String] = []

  func respond(to request: Request) throws -> Response {
    let names = request.rawHeaders.map { $0.name.lowercased() }.joined(separator: ",")
    let body = hexadecimal(try request.body.bytes())
    requests.append("\(request.method) \(request.target) \(names) \(body)")
    return Response("noted")
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digit($0 >> 4), digit($0 & 15)] }, as: UTF8.self)
  }

  private func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

/// A client whose bytes come at once; what it is sent is dropped.
final class WrittenStream: ByteStream {
  private var left: ArraySlice<UInt8>
  let peerDescription = "192.0.2.1:1"

  init(_ bytes: [UInt8]) { left = bytes[...] }

  func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int {
    let piece = left.prefix(buffer.count)
    buffer.copyBytes(from: piece)
    left = left.dropFirst(piece.count)
    return piece.count
  }

  func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline) throws {}
}

/// So many bytes of standard input; `nil` at its end.
func readInput(_ count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var filled = 0
  while filled < count {
    let more = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress! + filled, count - filled) }
    if more <= 0 { return nil }
    filled += more
  }
  return bytes
}

while let head = readInput(4), let bytes = readInput(head.reduce(0) { $0 << 8 | Int($1) }) {
  let application = Noting()
  HTTPConnection(stream: WrittenStream(bytes), application: application).serve()
  let line = Array((application.requests.joined(separator: "\t") + "\n").utf8)
  guard write(STDOUT_FILENO, line, line.count) == line.count else { break }
}
