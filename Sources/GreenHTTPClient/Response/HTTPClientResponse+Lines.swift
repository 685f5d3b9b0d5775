internal import GreenHTTP

extension HTTPClientResponse {
  /// The lines of a content: see ``Body/lines(longest:)``. They end in LF or CR LF, the last one perhaps in neither.
  public struct Lines {
    private let body: Body
    private var splitter: LineSplitter

    init(_ body: Body, longest: Int) {
      self.body = body
      splitter = LineSplitter(longest: longest)
    }

    /// The next line without its end; `nil` after the last. Parks or blocks until it is there.
    ///
    /// - Throws: as ``Body/read(into:)``; ``HTTPClientError/tooLong(limit:)`` for a line that is,
    ///   ``HTTPClientError/undecodable(_:)`` for one that is not UTF-8.
    public mutating func next() throws -> String? {
      let line: ArraySlice<UInt8>?
      do {
        line = try splitter.next { try body.read(upTo: 16_384) }
      } catch let error as LineSplitter.TooLong {
        throw HTTPClientError.tooLong(limit: error.longest)
      }
      guard let line else { return nil }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw HTTPClientError.undecodable("a line of the content is not UTF-8")
      }
      return text
    }
  }
}
