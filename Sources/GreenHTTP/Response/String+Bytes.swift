extension String {
  /// Calls `body` with the text as UTF-8, where it lies if it can be had there: `withUTF8` may change the string first, and
  /// so needs a copy of its own, whose references are counted.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    if let result = try utf8.withContiguousStorageIfAvailable({ try body(UnsafeRawBufferPointer($0)) }) {
      return result
    }
    var copy = self
    return try copy.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
  }
}
