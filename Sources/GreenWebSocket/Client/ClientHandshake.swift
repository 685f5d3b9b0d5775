internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// The client's side of the handshake (RFC 6455, 4.1).
struct ClientHandshake {
  private let request: String
  private let key = AcceptKey.make()
  private let subprotocols: [String]
  private let configuration: WebSocketConfiguration
  private static let longestHead = 16_384

  init(
    _ url: WebSocketURL, _ subprotocols: [String], _ headers: [(name: String, value: String)],
    _ configuration: WebSocketConfiguration
  ) {
    self.subprotocols = subprotocols
    self.configuration = configuration
    var lines = [
      "GET \(url.target) HTTP/1.1", "Host: \(url.authority)", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13",
    ]
    if !subprotocols.isEmpty { lines.append("Sec-WebSocket-Protocol: \(subprotocols.joined(separator: ", "))") }
    if let compression = configuration.compression {
      lines.append("Sec-WebSocket-Extensions: \(CompressionAgreement.offer(compression))")
    }
    lines += headers.compactMap { header in
      // HTTPField makes spaces of what could end the line.
      HTTPField.Name(header.name).map { "\(header.name): \(HTTPField(name: $0, value: header.value).value)" }
    }
    request = lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  func perform(on socket: any ByteStream, until deadline: Deadline) throws -> WebSocket {
    try Array(request.utf8).withUnsafeBytes { try socket.send($0, until: deadline) }
    let (head, rest) = try receiveHead(socket, until: deadline)
    let compression = try check(head)
    return WebSocket(
      socket, received: rest, isServer: false, subprotocol: head.fields[.secWebSocketProtocol],
      compression: compression,
      configuration: configuration)
  }

  private func receiveHead(_ socket: any ByteStream, until deadline: Deadline) throws -> (ResponseHead, [UInt8]) {
    var limits = HTTPLimits()
    limits.head = Self.longestHead
    let reader = ResponseReader(limits: limits)
    do {
      while true {
        if let head = try reader.takeHead() { return (head, reader.takeRest()) }
        if try reader.receive({ try socket.receive(into: $0, until: deadline) }) == 0 {
          throw WebSocketRefusal(status: 0, problem: "it closed the connection")
        }
      }
    } catch ResponseFault.malformed(let problem) {
      throw WebSocketRefusal(status: 0, problem: "its answer is not as HTTP/1.1 has it: \(problem)")
    }
  }

  /// RFC 6455, 4.1, of the server's response.
  private func check(_ head: ResponseHead) throws(WebSocketRefusal) -> AgreedCompression? {
    let status = head.status.code
    func refusal(_ problem: String) -> WebSocketRefusal { WebSocketRefusal(status: status, problem: problem) }
    guard status == 101, head.version == .http1_1 else { throw refusal("it answered with \(status)") }
    guard head.fields[.upgrade]?.lowercased() == "websocket", head.fields[.connection]?.lists("upgrade") ?? false else {
      throw refusal("it goes on with another protocol")
    }
    guard head.fields[.secWebSocketAccept] == AcceptKey.accept(for: key) else {
      throw refusal("its Sec-WebSocket-Accept does not answer the key")
    }
    if let chosen = head.fields[.secWebSocketProtocol], !subprotocols.contains(chosen) {
      throw refusal("it chose the protocol '\(chosen)', which was not offered")
    }
    guard let extensions = head.fields[.secWebSocketExtensions] else { return nil }
    guard let compression = configuration.compression, let agreed = CompressionAgreement.accept(extensions, compression)
    else { throw refusal("it chose extensions that were not offered: '\(extensions)'") }
    return agreed
  }
}
