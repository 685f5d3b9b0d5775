internal import CPQ
internal import Glibc

extension LibPQ {
  /// Whether the server has closed the connection, or said something unasked, which it does before it does so. Looks, and never
  /// waits.
  var hasEnded: Bool {
    if PQstatus(pointer) == CONNECTION_BAD { return true }
    // A notice, a changed setting, a notification; or the error with which it says that it ends, and then the end.
    for _ in 0..<10 {
      var byte: UInt8 = 0
      let count = recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
      if count < 0 { return errno != EAGAIN && errno != EINTR }
      if count == 0 || byte == Self.errorResponse { return true }
      if PQconsumeInput(pointer) == 0 || PQstatus(pointer) == CONNECTION_BAD { return true }
    }
    return true
  }

  /// How a message begins that says what is wrong: PostgreSQL's documentation, 55.7.
  private static let errorResponse = UInt8(ascii: "E")
}
