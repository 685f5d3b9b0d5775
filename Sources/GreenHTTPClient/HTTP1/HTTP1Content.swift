internal import Green
internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// The content of one answer over HTTP/1. Once it has been read to its end, the connection is another request's.
///
/// Unsafe as `Sendable`: one reader at a time has it.
final class HTTP1Content: IncomingContent, @unchecked Sendable {
  /// `nil` at the end.
  private var connection: HTTP1Connection?
  private let reader: ResponseReader
  private(set) var trailers = HTTPFields()
  private(set) var leavesConnectionUsable = false

  init(_ connection: HTTP1Connection, _ reader: ResponseReader) {
    (self.connection, self.reader) = (connection, reader)
    noteEnd()
  }

  var hasEnded: Bool { connection == nil }
  var hasLeftConnection: Bool { connection == nil }

  private func noteEnd() {
    guard reader.hasEnded, let connection else { return }
    trailers = reader.trailers
    // What came after the content was not asked for.
    leavesConnectionUsable = connection.keepsAlive && reader.isEmpty
    self.connection = nil
  }

  /// The connection is closed: nothing else ends it.
  func abandon() {}

  func skipReceived() {
    struct NothingThere: Error {}
    withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { scratch in
      while !hasEnded, (try? reader.read(into: scratch) { _ in throw NothingThere() }) != nil { noteEnd() }
    }
  }

  func read(into memory: UnsafeMutableRawBufferPointer, _ timing: Timing) throws -> Int {
    guard let connection else { return 0 }
    do {
      let count = try reader.read(into: memory) { try connection.stream.receive(into: $0, until: timing.next) }
      if reader.hasEnded { connection.finishSending(timing) }
      noteEnd()
      return count
    } catch let fault as ResponseFault {
      throw HTTPClientError(fault)
    } catch Errno.canceled {
      throw connection.sendingFailure ?? Errno.canceled
    } catch Errno.timedOut {
      throw HTTPClientError.timedOut(.body)
    }
  }
}
