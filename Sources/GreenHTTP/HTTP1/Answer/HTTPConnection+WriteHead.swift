internal import HTTPTypes

/// What `Connection` says.
enum ConnectionOption {
  case close, keepAlive
}

extension HTTPConnection {
  /// Writes status line and fields into the output buffer. A `contentLength` of -1 makes no such field.
  @inline(__always)
  func writeHead(
    _ response: borrowing Response, contentLength: Int, connection: ConnectionOption?, isChunked: Bool = false,
    trailers: [HTTPField.Name] = [], andRoomFor bodyCount: Int
  ) {
    // 38 of Content-Length or 28 of Transfer-Encoding, 24 of Connection, the last line.
    let room = 128 + bodyCount
    var cursor: OutputCursor
    writeStatusLine(response.status)
    if response.headers.isEmpty {
      let typeCount = response.contentType?.utf8.count ?? 0
      cursor = output.reserve(standardFields.capacity + Self.contentTypeRoom + typeCount + room)
      cursor.append(standardFields.current())
      if let contentType = response.contentType { writeContentType(contentType, &cursor) }
    } else {
      writeFields(response.headers, contentType: response.contentType ?? "")
      cursor = output.reserve(room)
    }
    if contentLength >= 0 {
      cursor.append("Content-Length: ")
      cursor.append(contentLength)
      cursor.append("\r\n")
    }
    if isChunked { cursor.append("Transfer-Encoding: chunked\r\n") }
    if !trailers.isEmpty {
      output.advance(to: cursor)
      output.append(trailers: trailers)
      cursor = output.reserve(room)
    }
    switch connection {
    case nil: break
    case .close: cursor.append("Connection: close\r\n")
    case .keepAlive: cursor.append("Connection: keep-alive\r\n")
    }
    cursor.append("\r\n")
    output.advance(to: cursor)
  }

  @inline(__always)
  private func writeStatusLine(_ status: borrowing HTTPResponse.Status) {
    guard status.isPlainOK else { return writeUnusualStatusLine(copy status) }
    var cursor = output.reserve(32)
    cursor.append("HTTP/1.1 200 OK\r\n")
    output.advance(to: cursor)
  }

  @inline(never)
  private func writeUnusualStatusLine(_ status: HTTPResponse.Status) {
    let reason = status.reason
    var cursor = output.reserve(reason.utf8.count + 32)
    cursor.append("HTTP/1.1 ")
    cursor.append(status.code)
    cursor.append(" ")
    cursor.append(reason)
    cursor.append("\r\n")
    output.advance(to: cursor)
  }

  /// What a content type needs beside its own bytes.
  private static var contentTypeRoom: Int { 16 }

  @inline(__always)
  private func writeContentType(_ contentType: String, _ cursor: inout OutputCursor) {
    if contentType.isEmpty { return }
    cursor.append("Content-Type: ")
    let value = cursor.at
    cursor.append(contentType)
    let count = UnsafeRawPointer(cursor.at) - UnsafeRawPointer(value)
    // A type that came from a request could hold a line end, and so another field: what HTTPField would do with it.
    if !isFieldValue(value, count: count) {
      for index in 0..<count where !isFieldValue(value + index, count: 1) {
        value.storeBytes(of: 0x20, toByteOffset: index, as: UInt8.self)
      }
    }
    cursor.append("\r\n")
  }

  /// Writes an answer's own fields, and those of the server's that it does not bring.
  @inline(never)
  private func writeFields(_ fields: HTTPFields, contentType: String) {
    let standard = standardFields.current(server: !fields.contains(.server), date: !fields.contains(.date))
    var cursor = output.reserve(standard.count + contentType.utf8.count + Self.contentTypeRoom)
    cursor.append(standard)
    if !fields.contains(.contentType) { writeContentType(contentType, &cursor) }
    output.advance(to: cursor)
    for field in fields {
      switch field.name {
      // The framing and the connection are the server's to tell.
      case .contentLength, .transferEncoding, .connection, .trailer: continue
      // RFC 9110, 7.8: the sender must say that it is for this connection only.
      case .upgrade: output.append("Connection: upgrade\r\n")
      default: break
      }
      output.append(field)
    }
  }
}
