public import HTTPTypes

extension Response {
  /// The answer after which the connection speaks another protocol (RFC 9110, 7.8).
  ///
  /// ```swift
  /// app.get("/echo") { _ in
  ///   Response(upgradingTo: "echo") { stream in
  ///     …
  ///   }
  /// }
  /// ```
  ///
  /// To a client that has not asked for this protocol in `Upgrade` the answer is `426 (Upgrade Required)`.
  ///
  /// - Parameters:
  ///   - name: the protocol's name: `websocket`. Sent as `Upgrade`.
  ///   - headers: further fields of the answer.
  ///   - speak: called once the answer has been sent, in the connection's fiber or thread, with the connection, as blocking
  ///     code; what the client has sent after its request comes first. The connection is closed when it returns. There are
  ///     no limits and no deadlines but those that it sets itself. It is not called where the answer could not be sent.
  public init(
    upgradingTo name: String, headers: HTTPFields = HTTPFields(),
    _ speak: @escaping @Sendable (any ByteStream) throws -> Void
  ) {
    self.init(upgradingTo: name, headers: headers) { stream, _ in try speak(stream) }
  }

  /// As ``init(upgradingTo:headers:_:)``, for a protocol that says goodbye when the server stops.
  package init(
    upgradingTo name: String, headers: HTTPFields = HTTPFields(),
    _ speak: @escaping @Sendable (any ByteStream, StopNotice) throws -> Void
  ) {
    var headers = headers
    headers[.upgrade] = name
    self.init(
      status: .switchingProtocols, headers: headers, body: ResponseBody(.upgrade(Upgrade(to: name, speak))))
  }

  /// The protocol that the connection is to speak after this answer.
  package var upgrade: Upgrade? {
    guard case .upgrade(let upgrade) = body.content, status == .switchingProtocols else { return nil }
    return upgrade
  }
}
