internal import Green

/// HTTP/2 on a connection that could have been HTTP/1: the client decides, by TLS or by how it begins (RFC 9113, 3).
extension HTTPConnection {
  /// Whether TLS has agreed on HTTP/2, so that no HTTP/1 is to be looked for.
  var hasAgreedOnHTTP2: Bool {
    http2 != nil && stream.tls?.applicationProtocol.map(HTTPProtocol.http2.alpnNames.contains) ?? false
  }

  /// Whether what looks like a faulty first request is the beginning of HTTP/2.
  @inline(never)
  func beginsHTTP2(_ storage: RequestStorage) -> Bool {
    guard http2 != nil, exchange.pointee.isFirst, HTTP2Preface.begins(storage.state.pointee.buffer.bytes) else {
      return false
    }
    changesToHTTP2 = true
    return true
  }

  /// Serves the rest of the connection in HTTP/2.
  func serveHTTP2(received storage: RequestStorage?) -> ServingOutcome {
    guard let http2 else { return .ended }
    // A copy, which is short as a rule: of HTTP/1 nothing is held for as long as the connection lasts.
    let received = storage.map { Array($0.state.pointee.buffer.bytes) } ?? []
    storage?.state.pointee.buffer.removeLast(received.count)
    storage?.state.pointee.buffer.giveBack()
    storage?.state.pointee.head.fields.removeAll()
    storage?.state.pointee.head.fields.giveBack()
    output.giveBack()
    return received.withUnsafeBytes { received in
      http2.serve(
        stream, received: received, application: application, configuration: configuration, observer: observer)
    }
  }
}
