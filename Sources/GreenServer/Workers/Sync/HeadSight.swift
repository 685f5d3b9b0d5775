import Glibc

/// How much of a request's head waits in the kernel, which stays there.
enum HeadSight: Equatable {
  case nothing
  case part
  /// All of it; or so much that it is to be read, or the end of the connection.
  case enough

  /// More than this is read, whatever it is.
  private static let most = 8192

  /// Looks without waiting. Where something comes before HTTP, such as a handshake, its first byte is enough.
  static func of(_ descriptor: CInt, isHTTP: Bool) -> HeadSight {
    withUnsafeTemporaryAllocation(byteCount: most, alignment: 16) { buffer in
      let count = recv(descriptor, buffer.baseAddress, isHTTP ? buffer.count : 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
      if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .enough }
      if count == 0 || !isHTTP || count == most { return .enough }
      if hasEmptyLine(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { return .enough }
      return count >= mostOfPieces && isUnix(descriptor) ? .enough : .part
    }
  }

  /// A Unix socket holds some 280 pieces, be they of a byte each: a head that is sent in more would never be there as a whole.
  private static let mostOfPieces = 128

  private static func isUnix(_ descriptor: CInt) -> Bool {
    var domain: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX
  }

  /// Whether there is a line without anything in it, with either end of a line: what is wrong with it, the parser says.
  private static func hasEmptyLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Where there is no body it is the last one.
    if bytes.suffix(4).elementsEqual([0x0d, 0x0a, 0x0d, 0x0a]) { return true }
    var lineLength = 1
    for byte in bytes {
      if byte == 0x0a {
        if lineLength == 0 { return true }
        lineLength = 0
      } else if byte != 0x0d {
        lineLength += 1
      }
    }
    return false
  }
}
