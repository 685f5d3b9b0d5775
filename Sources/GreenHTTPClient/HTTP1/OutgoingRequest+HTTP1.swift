internal import HTTPTypes

extension OutgoingRequest {
  /// The head as HTTP/1.1 has it (RFC 9112).
  var head: [UInt8] {
    var head = Array("\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(authority)\r\n".utf8)
    for field in fields { Self.append(field, to: &head) }
    if closes { head += "Connection: close\r\n".utf8 }
    if let length = body.count {
      if length > 0 || saysEmpty { head += "Content-Length: \(length)\r\n".utf8 }
    } else {
      head += "Transfer-Encoding: chunked\r\n".utf8
      if let names = body.stream?.trailers, !names.isEmpty {
        head += "Trailer: \(names.map(\.rawName).joined(separator: ", "))\r\n".utf8
      }
    }
    if expectsContinue { head += "Expect: 100-continue\r\n".utf8 }
    head += "\r\n".utf8
    return head
  }

  /// A field line (RFC 9112, 5).
  static func append(_ field: HTTPField, to bytes: inout [UInt8]) {
    bytes += field.name.rawName.utf8
    bytes += ": ".utf8
    field.withUnsafeBytesOfValue { bytes += $0 }
    bytes += "\r\n".utf8
  }
}
