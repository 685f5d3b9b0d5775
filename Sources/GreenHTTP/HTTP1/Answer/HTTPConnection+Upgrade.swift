internal import Green
internal import HTTPTypes

extension HTTPConnection {
  /// Sends the answer after which the connection speaks another protocol, if the client has asked for that one; else the
  /// answer that says so. False when requests end with it.
  @inline(never)
  func answer(_ request: Request, upgradingWith response: Response, _ upgrade: Upgrade, began: Deadline) -> Bool {
    guard request.asks(for: upgrade) else {
      let error = HTTPError(
        .upgradeRequired, "this is served in the protocol \(upgrade.name) only", headers: [.upgrade: upgrade.name])
      return conclude(request, Response(error), began: began)
    }
    // What follows the request is the other protocol's: no body may be left before it.
    guard canDrain(exchange.pointee.body), exchange.pointee.body.isReceived || drain() else {
      return conclude(
        request, Response(HTTPError(.badRequest, "the body was not read before the change of protocols")), began: began)
    }
    // Asked, as after every handler, for whoever must not answer: a child that the handler has forked.
    _ = observer?.shouldClose
    if observer?.isStopping ?? false {
      return conclude(request, Response(HTTPError(.serviceUnavailable, "the server is stopping")), began: began)
    }
    writeHead(response, contentLength: -1, connection: nil, andRoomFor: 0)
    defer { noteFinished(request, response, bodyBytes: 0, began: began) }
    do { try flush() } catch { return false }
    handedOver = HandedOverConnection(stream, received: following(request.storage), to: upgrade)
    return false
  }
}

extension Request {
  /// RFC 9110, 7.8: a server must not change to a protocol that the client has not named, nor for HTTP/1.0.
  fileprivate func asks(for upgrade: Upgrade) -> Bool {
    version == .http1_1 && lists("upgrade", in: .connection) && lists(upgrade.name.lowercased(), in: .upgrade)
  }

  private func lists(_ token: String, in name: HTTPField.Name) -> Bool {
    header(name)?.lists(token) ?? false
  }
}
