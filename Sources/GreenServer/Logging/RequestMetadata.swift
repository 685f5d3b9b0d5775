internal import GreenHTTP
public import Logging

extension Logger.MetadataProvider {
  /// Gives every line that is written for a request the request's ``/GreenHTTP/Request/id``, as `request.id`, and where it is
  /// part of a trace (W3C Trace Context) that one's, as `trace.id`: by its handler and hooks, and by the fibers, tasks and
  /// background work that they begin.
  ///
  /// The server uses it unless the program has a provider of its own, which can take it in:
  /// `LoggingSystem.bootstrap(factory, metadataProvider: .multiplex([.request, mine]))`.
  public static let request = Logger.MetadataProvider {
    guard let id = Request.currentID else { return [:] }
    guard let trace = Request.currentTraceContext else { return ["request.id": "\(id)"] }
    return ["request.id": "\(id)", "trace.id": "\(trace.traceID)"]
  }
}
