/// What takes the pieces of a body: an answer of a server, a request of a client.
package protocol BodyDestination {
  func write(_ piece: UnsafeRawBufferPointer) throws
  func write(_ file: OpenFile, _ part: Range<Int>) throws
  func flush() throws
}

extension BodyDestination {
  /// Reads it piece by piece: for destinations that have no better way.
  package func write(_ file: OpenFile, _ part: Range<Int>) throws { try file.read(part) { try write($0) } }
}
