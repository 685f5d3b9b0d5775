internal import GreenHTTP
public import GreenWeb

extension Scaffold {
  /// Compresses answers for clients that take it, once all hooks that are added later have seen them: so this comes before other
  /// hooks. Errors are compressed too.
  public func compress(_ compression: Compression = Compression()) {
    afterRequest { request, response in compression.applied(to: response, for: request) }
  }
}
