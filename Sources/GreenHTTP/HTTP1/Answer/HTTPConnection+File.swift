internal import Green
internal import SystemPackage

extension HTTPConnection {
  /// Sends a part of a file, after what is in the output buffer has been sent.
  func send(_ file: OpenFile, _ part: Range<Int>) throws {
    let sent: Int?
    do {
      sent = try stream.send(
        file: file.descriptor, offset: Int64(part.lowerBound), count: part.count, pace: sendPace)
    } catch Errno.ioError {
      // The disk's: a client that has gone away is told by other numbers.
      throw FileBodyError.unreadable(Errno.ioError.description)
    } catch {
      hasLostClient = true
      throw error
    }
    guard let sent else {
      return try file.read(part) { piece in try withClient { try stream.send(piece, pace: sendPace) } }
    }
    if sent < part.count { throw FileBodyError.shrunk(to: part.lowerBound + sent, from: file.byteCount) }
  }
}
