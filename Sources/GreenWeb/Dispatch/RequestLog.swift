internal import GreenHTTP
internal import Logging

/// Where an application notes what went wrong with requests.
struct RequestLog: Sendable {
  let logger: @Sendable () -> Logger
  /// Whether who asks from this machine is told of errors: `--debug`.
  let showsFaults: @Sendable () -> Bool

  /// Notes an error with the request's line and its id.
  func error(_ request: Request, _ text: String) {
    logger().error("\(request.method) \(request.rawPath)\(text)", metadata: ["request.id": "\(request.id)"])
  }
}
