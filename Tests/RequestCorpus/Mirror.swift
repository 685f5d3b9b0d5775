public import GreenHTTP

/// An application that answers every request with what it saw of it.
public struct Mirror: Application {
  private let readsBody: Bool

  /// - Parameter readsBody: whether bodies are read, or left to the connection.
  public init(readsBody: Bool = true) { self.readsBody = readsBody }

  public func respond(to request: Request) throws -> Response {
    let target = request.target
    var text = "\(request.method) " + (target.utf8.count > 100 ? "a target of \(target.utf8.count) bytes" : target)
    let authority = request.authority ?? "nobody"
    if authority != "a" { text += " at \(authority.isEmpty ? "nowhere" : authority)" }
    if request.version != .http1_1 { text += " in \(request.version)" }
    for (name, value) in request.rawHeaders where name.first == "X" || name.first == "x" {
      text += " \(name)=\(escaped(value.utf8))"
    }
    guard readsBody else { return Response(text) }
    let body = try request.body.bytes()
    if !body.isEmpty { text += body.count > 100 ? " body of \(body.count) bytes" : " body=\(escaped(body))" }
    for trailer in request.trailers { text += " then \(trailer.name.rawName)=\(escaped(trailer.value.utf8))" }
    return Response(text)
  }
}
