internal import GreenHTTP

/// An application as it is served: with the package trait `Tracing` each of its requests is a span.
func traced(_ application: any Application) -> any Application {
  #if Tracing
    TracedApplication(application)
  #else
    application
  #endif
}

#if Tracing
  internal import GreenWeb
  internal import HTTPTypes
  internal import Tracing

  /// An application each of whose requests is a span of the tracer that the program has bootstrapped, and a child of the
  /// caller's where the request says of which trace it is. The attributes are those of OpenTelemetry's conventions for HTTP.
  ///
  /// The span ends with the handler and its hooks; a body that is made while it is sent comes after it.
  struct TracedApplication: Application {
    private let application: any Application

    init(_ application: any Application) { self.application = application }

    func respond(to request: Request) throws -> Response {
      let route = (application as? App)?.routePattern(of: request)
      let name = route.map { "\(request.method) \($0)" } ?? request.method.rawValue
      return try withSpan(name, context: Self.context(of: request), ofKind: .server) { span in
        Self.describe(request, route, in: span)
        let response = try application.respond(to: request)
        span.attributes["http.response.status_code"] = response.status.code
        // A client's fault is not the server's: the span is in order.
        if response.status.kind == .serverError { span.setStatus(SpanStatus(code: .error)) }
        return response
      }
    }

    func respond(to request: Request, refusedWith error: HTTPError) throws -> Response {
      try application.respond(to: request, refusedWith: error)
    }

    func bodyLimit(for request: Request) -> Int? { application.bodyLimit(for: request) }

    private static func context(of request: Request) -> ServiceContext {
      var context = ServiceContext.current ?? .topLevel
      InstrumentationSystem.instrument.extract(request.headers, into: &context, using: FieldExtractor())
      return context
    }

    private static func describe(_ request: Request, _ route: String?, in span: any Span) {
      span.attributes["http.request.method"] = request.method.rawValue
      span.attributes["url.path"] = request.rawPath
      span.attributes["url.scheme"] = request.scheme
      let version = request.version
      span.attributes["network.protocol.version"] = version == .http2 ? "2" : "\(version.major).\(version.minor)"
      if let route { span.attributes["http.route"] = route }
      if let authority = request.authority { span.attributes["server.address"] = authority }
      if let agent = request.header(.userAgent) { span.attributes["user_agent.original"] = agent }
      span.attributes["client.address"] = request.client
    }
  }

  /// The fields by which a caller says of which trace a request is.
  private struct FieldExtractor: Extractor {
    func extract(key: String, from fields: HTTPFields) -> String? { HTTPField.Name(key).flatMap { fields[$0] } }
  }
#endif
