/// What takes the pieces of a body.
protocol BodyDestination {
  func write(_ piece: UnsafeRawBufferPointer) throws
  func flush() throws
}
