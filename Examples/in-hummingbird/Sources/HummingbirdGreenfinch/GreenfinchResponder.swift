public import GreenHTTP
public import GreenTasks
public import Hummingbird

/// Answers with a Greenfinch application, whose blocking code waits in fibers: what Flask's article does with `WsgiToAsgi`.
///
/// ```swift
/// let app = App()
/// app.get("/") { _ in try database.rows("select …") }
/// let responder = GreenfinchResponder<ConnectionContext>(app, on: try HubThread())
/// try await Application(responder: responder).runService()
/// ```
///
/// Each request is answered in a fiber of `hub`, so that a handler that blocks keeps no thread of Swift's own pool: with
/// `GreenRedirect` linked also in libc's calls. Bodies are streamed in both directions, at the pace of the slower side. For a
/// part of a Hummingbird application's routes, see ``GreenfinchFallback``.
///
/// Of a response's fields, `Content-Length`, `Transfer-Encoding`, `Connection`, `Date` and perhaps `Server` are Hummingbird's
/// to tell. `App.onWorkerStart` belongs to Greenfinch's own server, and is not called.
public struct GreenfinchResponder<Context: ConnectionRequestContext>: HTTPResponder {
  private let application: any GreenHTTP.Application
  private let hub: HubThread
  private let limits: HTTPLimits

  /// - Parameters:
  ///   - hub: where handlers run. One serves any number of requests, on one thread.
  ///   - limits: as for a connection of Greenfinch's own; how long a head may take is Hummingbird's to say.
  public init(_ application: any GreenHTTP.Application, on hub: HubThread, limits: HTTPLimits = HTTPLimits()) {
    self.application = application
    self.hub = hub
    self.limits = limits
  }

  /// The application's answer. An error that a handler throws is logged by the context's logger, and answered with `500`.
  ///
  /// The handler's fiber is cancelled when the client goes away, and when the calling task is cancelled.
  public func respond(to request: Hummingbird.Request, context: Context) async throws -> Hummingbird.Response {
    try await Exchange(
      application: application, hub: hub, limits: limits, request: request, channel: context.channel,
      logger: context.logger
    ).answer()
  }
}
