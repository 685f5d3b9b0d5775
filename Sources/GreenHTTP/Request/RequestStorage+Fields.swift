internal import HTTPTypes

/// Heads from fields: for requests that come in another wire format than HTTP/1, or in none.
extension RequestStorage {
  /// A storage with the parts of `request` put into its bytes one after the other. `Host` is the authority's, and comes
  /// first; `Transfer-Encoding` and `Expect` are left out, which concern a connection only.
  ///
  /// - Throws: the ``HeadFault`` for which a connection would refuse such a request.
  convenience init(_ request: HTTPRequest, version: HTTPVersion, limits: HTTPLimits) throws(HeadFault) {
    let limits = limits.bounded
    let fields = request.headerFields.filter { $0.name != .transferEncoding && $0.name != .expect }
    let method = request.method.rawValue
    let target = request.path ?? "/"
    if target.utf8.count > limits.requestLine { throw .targetTooLong }
    let count = try Self.byteCount(method, target, request.authority, fields, limits)
    self.init(buffer: ReceiveBuffer(capacity: count))
    try put(method: method, target: target)
    state.pointee.head.version = version
    if let authority = request.authority { try putHost(authority) }
    for field in fields { try put(field, hasHost: request.authority != nil, limits) }
    // Whoever adapts requests knows whom to believe.
    state.pointee.head.forwarding = .silent
  }

  private static func byteCount(
    _ method: String, _ target: String, _ authority: String?, _ fields: HTTPFields, _ limits: HTTPLimits
  ) throws(HeadFault) -> Int {
    if fields.count + (authority == nil ? 0 : 1) > min(limits.fields, FieldTable.most) { throw .tooManyFields }
    let start = method.utf8.count + 1 + target.utf8.count
    let host = authority.map { hostName.utf8CodeUnitCount + $0.utf8.count } ?? 0
    let count = fields.reduce(start + host) { count, field in
      count + field.name.rawName.utf8.count + field.withUnsafeBytesOfValue { $0.count }
    }
    if count > limits.head { throw .headTooLong }
    return count
  }

  private func put(method: String, target: String) throws(HeadFault) {
    let start = put(method)
    _ = put(" ")
    let targetStart = put(target)
    try noteRequestLine(start, method.utf8.count, targetStart, target.utf8.count)
  }

  private func putHost(_ authority: String) throws(HeadFault) {
    let name = put("\(Self.hostName)")
    try noteHost(name, put(authority), authority.utf8.count)
  }

  private func put(_ field: HTTPField, hasHost: Bool, _ limits: HTTPLimits) throws(HeadFault) {
    let rawName = field.name.rawName
    if hasHost && field.name.canonicalName == "host" { throw .hostTwice }
    let name = put(rawName)
    let (value, count) = field.withUnsafeBytesOfValue { (put(UnsafeRawBufferPointer($0)), $0.count) }
    try noteField(name, rawName.utf8.count, value, count, limits)
    if field.name == .contentLength {
      if state.pointee.body.length != 0 { throw .contentLengthTwice }
      try noteLength(value, count, limits)
    }
  }

  private func put(_ text: String) -> Int { text.withBytes { put($0) } }
}
