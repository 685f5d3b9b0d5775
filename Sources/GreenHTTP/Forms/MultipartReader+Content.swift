internal import HTTPTypes

extension MultipartReader {
  /// The rest of the part as text.
  ///
  /// - Throws: ``HTTPError`` with `413` for more bytes than `most`.
  mutating func readText(upTo most: Int) throws -> String {
    var bytes: [UInt8] = []
    while let piece = try readPiece() {
      bytes += piece
      if bytes.count > most {
        throw HTTPError(.contentTooLarge, "the form's fields are longer than may be held in memory")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The rest of the part as a file, which is written to a temporary one when it is longer than `memory`.
  mutating func readFile(_ part: MultipartPart, _ filename: String, memory: Int) throws -> Upload {
    var bytes: [UInt8] = []
    var file: TemporaryFile?
    while let piece = try readPiece() {
      if let file {
        try file.append(piece)
      } else if bytes.count + piece.count > memory {
        let made = try TemporaryFile()
        try made.append(bytes)
        try made.append(piece)
        bytes = []
        file = made
      } else {
        bytes += piece
      }
    }
    return Upload(
      field: part.name, filename: filename, contentType: part.contentType,
      content: file.map { .file($0) } ?? .memory(bytes))
  }
}
