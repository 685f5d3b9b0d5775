/// The lines of a body: see ``RequestBody/lines(longest:)``. They end in LF or CR LF, the last one perhaps in neither.
public struct BodyLines {
  private let body: RequestBody
  private var splitter: LineSplitter

  init(_ body: RequestBody, longest: Int) {
    self.body = body
    splitter = LineSplitter(longest: longest)
  }

  /// The next line without its end; `nil` after the last. Parks or blocks until it is there.
  ///
  /// - Throws: as ``RequestBody/read(into:)``; ``HTTPError`` with `413` for a line that is too long, and `400` for one that is
  ///   not UTF-8.
  public mutating func next() throws -> String? {
    do {
      return try splitter.next { try body.read(upTo: 16_384) }.map { try String(body: $0) }
    } catch let error as LineSplitter.TooLong {
      throw HTTPError(.contentTooLarge, "a line of the body is longer than \(error.longest) bytes")
    }
  }
}
