import GreenHTTP
import HTTPTypes

/// Writes down what a connection tells its server.
final class Recorder: HTTPConnectionObserver {
  var events: [String] = []
  var shouldClose = false
  var isStopping = false
  var wantsAccess = false

  func becameIdle() { events.append("idle") }
  func becameBusy() { events.append("busy") }
  func requestStarted(_ request: Request, line: UnsafeRawBufferPointer) {
    events.append("started " + String(decoding: line, as: UTF8.self))
  }
  func requestFailed(_ request: Request, _ error: any Error) { events.append("failed \(request.target) \(error)") }
  func requestFinished(_ request: Request, response: Response, bodyBytes: Int, duration: Duration) {
    events.append("finished \(request.target) \(response.status.code) \(bodyBytes) \(duration >= .zero)")
  }
  func requestRefused(_ request: Request?, status: HTTPResponse.Status, reason: String, bodyBytes: Int) {
    events.append("refused \(request?.target ?? "-") \(status.code) \(bodyBytes)")
  }
}
