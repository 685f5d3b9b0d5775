internal import GreenHTTP
internal import HTTPTypes
internal import SystemPackage

/// The content of one answer over HTTP/2.
///
/// Unsafe as `Sendable`: one reader at a time has it, on the connection's hub.
final class HTTP2Content: IncomingContent, @unchecked Sendable {
  private let stream: any HTTP2ClientStream
  private let session: any HTTP2ClientSession
  /// What sends the rest of the request.
  private let sending: UploadFiber?
  private var received = 0
  private(set) var hasEnded: Bool
  private(set) var trailers = HTTPFields()

  init(_ stream: any HTTP2ClientStream, _ session: any HTTP2ClientSession, _ sending: UploadFiber?) {
    (self.stream, self.session, self.sending) = (stream, session, sending)
    hasEnded = stream.hasEnded
  }

  var hasLeftConnection: Bool { hasEnded }
  var leavesConnectionUsable: Bool { true }
  func skipReceived() {}
  func abandon() {
    if hasEnded { return }
    sending?.giveUp()
    stream.cancel()
  }

  func read(into memory: UnsafeMutableRawBufferPointer, _ timing: Timing) throws -> Int {
    guard session.isHere else {
      throw HTTPClientError.invalidRequest("an answer by HTTP/2 is read where the request was sent: on the same thread")
    }
    do {
      let count = try stream.read(into: memory, until: timing.next)
      received += count
      hasEnded = stream.hasEnded
      if hasEnded { trailers = stream.trailers }
      return count
    } catch let error as HTTP2StreamFault where sending?.failure != nil {
      throw sending?.failure ?? error
    } catch HTTP2StreamFault.broken(let reason) {
      throw HTTPClientError.malformedResponse(reason)
    } catch is HTTP2StreamFault {
      throw HTTPClientError.truncated(received: received, of: nil)
    } catch Errno.timedOut {
      throw HTTPClientError.timedOut(.body)
    }
  }
}
