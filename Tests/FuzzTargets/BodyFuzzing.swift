internal import GreenHTTP

/// The ways in which a handler reads a body: what they read together is the same.
enum BodyFuzzing {
  static func complaint(_ bytes: [UInt8], choice: UInt8) -> String? {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes.count)\r\n\r\n"
    let all = Array(head.utf8) + bytes
    let piece = Int(choice) % 16
    let read = pieces(all, piece: piece, room: 1 + Int(choice) / 16)
    if read != bytes { return "read: \(read)" }
    let text = said(all, piece: piece) { try $0.body.text() }
    // Its own lines, where it is text; else both must refuse it.
    let lines = said(all, piece: piece) { request in
      var lines = request.body.lines()
      var all: [String] = []
      while let line = try lines.next() { all.append(line) }
      return all.joined(separator: "\n")
    }
    let expected = text.map { withoutLineEnds($0) }
    return lines == expected ? nil : "text: \(text ?? "none")\nlines: \(lines ?? "none")"
  }

  private static func pieces(_ bytes: [UInt8], piece: Int, room: Int) -> [UInt8] {
    let notes = Notes()
    _ = said(bytes, piece: piece) { request in
      var memory = [UInt8](repeating: 0, count: room)
      while case let count = try memory.withUnsafeMutableBytes({ try request.body.read(into: $0) }), count > 0 {
        notes.lines += memory[..<count].map { "\($0)" }
      }
      return ""
    }
    return notes.lines.compactMap { UInt8($0) }
  }

  /// What a handler makes of the request; `nil` where it throws.
  private static func said(
    _ bytes: [UInt8], piece: Int, _ body: @escaping @Sendable (Request) throws -> String
  ) -> String? {
    let notes = Notes()
    let handler = Handler { request in
      notes.lines.append(try body(request))
      return Response("read")
    }
    HTTPConnection(stream: PieceStream(bytes, piece: piece), application: handler).serve()
    return notes.lines.first
  }

  /// As lines put together again: each ends in LF or CR LF, the last perhaps in neither.
  private static func withoutLineEnds(_ text: String) -> String {
    var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
    }
    // A CR at the very end ends no line.
    if text.utf8.last == 0x0d, let last = lines.indices.last { lines[last] += "\r" }
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}
