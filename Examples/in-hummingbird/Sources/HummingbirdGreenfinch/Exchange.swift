internal import Green
internal import GreenHTTP
internal import GreenTasks
internal import Hummingbird
internal import Logging
internal import NIOCore

/// One request of Hummingbird's, and the answer to it.
struct Exchange: Sendable {
  let application: any GreenHTTP.Application
  let hub: HubThread
  let limits: HTTPLimits
  let request: Hummingbird.Request
  let channel: any NIOCore.Channel
  let logger: Logger

  func answer() async throws -> Hummingbird.Response {
    try await inFiber {
      let body = RequestBodySource(request, deadline: limits.bodyDeadline)
      // A streamed answer may still read what it answers.
      var isStreamed = false
      let (own, answer) = try answer(body)
      // Unsafe: read on the hub's thread only, by one fiber after the other.
      nonisolated(unsafe) let answered = own
      let response = Hummingbird.Response(answer, to: request.method) { stream in
        isStreamed = true
        return ResponseBody(contentLength: stream.length) { writer in
          try await write(stream, for: answered, to: &writer, reading: body)
        }
      }
      if !isStreamed { body.close() }
      return response
    }
  }

  /// The request as Greenfinch knows it, `nil` for one that no client could have sent, and the answer to it.
  private func answer(_ body: RequestBodySource) throws -> (GreenHTTP.Request?, GreenHTTP.Response) {
    do {
      let source: GreenHTTP.RequestBody.Source? = request.mayHaveBody ? { try body.read(into: $0) } : nil
      let remote = channel.remoteAddress?.peerDescription ?? "unknown"
      let own = try GreenHTTP.Request(request.head, remote: remote, limits: limits, body: source)
      return (own, application.answer(own, report: report))
    } catch let error as GreenHTTP.HTTPError {
      return (nil, GreenHTTP.Response(error))
    }
  }

  /// Writes a body in a fiber. What it throws ends the connection before the body's end, so that the client can tell.
  private func write(
    _ stream: StreamedBody, for own: GreenHTTP.Request?, to writer: inout any ResponseBodyWriter,
    reading body: RequestBodySource
  ) async throws {
    // Unsafe: the fiber alone uses it, until it has ended.
    nonisolated(unsafe) let outlet = Outlet(writer, on: channel.eventLoop, deadline: limits.writeDeadline)
    nonisolated(unsafe) let own = own
    try await inFiber {
      defer { body.close() }
      do {
        // Only an answer to a request that there is can have a body.
        if let own { try stream.write(for: own) { try outlet.send($0) } }
      } catch {
        if !outlet.isBroken { report(error) }
        throw error
      }
    }
    try await writer.finish(nil)
  }

  /// Runs `work` in a fiber of the hub, which is cancelled with the calling task, and when the client goes away.
  private func inFiber<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let task = Task(executorPreference: hub.executor) { try await hub.run { try work() } }
    let watch = DisconnectWatch(channel) { task.cancel() }
    defer { watch.end() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Where nobody waits for the answer any more, an error is none of the handler's.
  private func report(_ error: any Error) {
    logger.log(level: Fiber.isCancelled ? .debug : .error, "\(request.method) \(request.uri.path) failed: \(error)")
  }
}

extension Hummingbird.Request {
  /// Whether there may be a body. HTTP/1.1 tells by these fields (RFC 9112, 6.3); HTTP/2 need not.
  fileprivate var mayHaveBody: Bool {
    headers.contains(.contentLength) || headers.contains(.transferEncoding)
      || [.post, .put, .patch].contains(method)
  }
}

extension NIOCore.SocketAddress {
  /// As Greenfinch writes addresses: `127.0.0.1:40312`, `[::1]:40312`, `unix:`.
  fileprivate var peerDescription: String {
    switch self {
    case .v4: "\(ipAddress ?? ""):\(port ?? 0)"
    case .v6: "[\(ipAddress ?? "")]:\(port ?? 0)"
    case .unixDomainSocket: "unix:"
    }
  }
}
