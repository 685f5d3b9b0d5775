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
    andRoomFor bodyCount: Int
  ) {
    let reason = response.status.reason
    let contentType = response.contentType ?? ""
    // 9 and 3 and 1 and 2 of the status line, 16 of Content-Type, 38 of Content-Length or 28 of Transfer-Encoding, 24 of
    // Connection, the last line.
    let room = reason.utf8.count + standardFields.capacity + contentType.utf8.count + 128
    var cursor = output.reserve(room + bodyCount)
    cursor.append("HTTP/1.1 ")
    cursor.append(response.status.code)
    cursor.append(" ")
    cursor.append(reason)
    cursor.append("\r\n")
    if response.headers.isEmpty {
      cursor.append(standardFields.current())
      writeContentType(contentType, &cursor)
    } else {
      output.advance(to: cursor)
      writeFields(response.headers, contentType: contentType)
      cursor = output.reserve(128 + bodyCount)
    }
    if contentLength >= 0 {
      cursor.append("Content-Length: ")
      cursor.append(contentLength)
      cursor.append("\r\n")
    }
    if isChunked { cursor.append("Transfer-Encoding: chunked\r\n") }
    switch connection {
    case nil: break
    case .close: cursor.append("Connection: close\r\n")
    case .keepAlive: cursor.append("Connection: keep-alive\r\n")
    }
    cursor.append("\r\n")
    output.advance(to: cursor)
  }

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

  private func writeUpgradeOption() {
    var cursor = output.reserve(24)
    cursor.append("Connection: upgrade\r\n")
    output.advance(to: cursor)
  }

  /// Writes an answer's own fields, and those of the server's that it does not bring.
  @inline(never)
  private func writeFields(_ fields: HTTPFields, contentType: String) {
    let standard = standardFields.current(server: !fields.contains(.server), date: !fields.contains(.date))
    var cursor = output.reserve(standard.count + contentType.utf8.count + 16)
    cursor.append(standard)
    if !fields.contains(.contentType) { writeContentType(contentType, &cursor) }
    output.advance(to: cursor)
    for field in fields {
      switch field.name {
      // The framing and the connection are the server's to tell.
      case .contentLength, .transferEncoding, .connection: continue
      // RFC 9110, 7.8: who sends it must say that it is for this connection only.
      case .upgrade: writeUpgradeOption()
      default: break
      }
      field.withUnsafeBytesOfValue { value in
        var cursor = output.reserve(field.name.rawName.utf8.count + value.count + 4)
        cursor.append(field.name.rawName)
        cursor.append(": ")
        cursor.append(UnsafeRawBufferPointer(value))
        cursor.append("\r\n")
        output.advance(to: cursor)
      }
    }
  }
}
