extension RequestBody {
  /// Reads at least one byte and at most `count`, 64 KB by default; none when all has been read. Parks or blocks until then.
  ///
  /// - Throws: as ``read(into:)``.
  public func read(upTo count: Int = 65_536) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: max(1, count)) { memory, filled in
      filled = try read(into: UnsafeMutableRawBufferPointer(memory))
    }
  }

  /// The whole body as text, in UTF-8. Parks or blocks until it is there.
  ///
  /// - Throws: as ``bytes()``; ``HTTPError`` with `400` where it is not UTF-8.
  public func text() throws -> String { try String(body: bytes()[...]) }

  /// The body as lines, which are read one after the other: only one is in memory.
  ///
  /// ```swift
  /// var lines = request.body.lines()
  /// while let line = try lines.next() { try database.insert(line) }
  /// ```
  ///
  /// - Parameter longest: the most bytes of a line.
  public func lines(longest: Int = 65_536) -> BodyLines { BodyLines(self, longest: longest) }
}

extension String {
  /// What a body's bytes say.
  ///
  /// - Throws: ``HTTPError`` with `400` where they are not UTF-8.
  init(body bytes: ArraySlice<UInt8>) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HTTPError(.badRequest, "the body is not UTF-8")
    }
    self = text
  }
}
