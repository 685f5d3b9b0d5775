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

  private static var hostName: StaticString { "Host" }

  private func put(method: String, target: String) throws(HeadFault) {
    let state = state
    state.pointee.head.start = put(method)
    state.pointee.head.methodLength = method.utf8.count
    state.pointee.head.method = KnownMethod(name: base, count: method.utf8.count)
    if state.pointee.head.method == .connect { throw .connectMethod }
    _ = put(" ")
    state.pointee.head.target = put(target)
    state.pointee.head.targetLength = target.utf8.count
    let end = state.pointee.head.target + target.utf8.count
    guard !target.isEmpty, RequestHead.targetLength(base, from: state.pointee.head.target, to: end) == target.utf8.count
    else { throw .target }
    if let fault = state.pointee.head.parseTarget(base) { throw fault }
  }

  private func putHost(_ authority: String) throws(HeadFault) {
    let name = put("\(Self.hostName)")
    let value = put(authority)
    let count = authority.utf8.count
    guard count == 0 || Authority.isWellFormed(base + value, count: count) else { throw .host }
    note(name, Self.hostName.utf8CodeUnitCount, value, count)
  }

  private func put(_ field: HTTPField, hasHost: Bool, _ limits: HTTPLimits) throws(HeadFault) {
    let rawName = field.name.rawName
    if hasHost && field.name.canonicalName == "host" { throw .hostTwice }
    let name = put(rawName)
    let (value, count) = field.withUnsafeBytesOfValue { (put(UnsafeRawBufferPointer($0)), $0.count) }
    if rawName.utf8.count + count > limits.fieldLine { throw .fieldTooLong }
    guard isFieldValue(base + value, count: count) else { throw .fieldValue }
    note(name, rawName.utf8.count, value, count)
    if field.name == .contentLength { try noteLength(value, count, limits) }
  }

  private func noteLength(_ value: Int, _ count: Int, _ limits: HTTPLimits) throws(HeadFault) {
    if state.pointee.body.length != 0 { throw .contentLengthTwice }
    guard let length = ContentLength.parse(base + value, count: count) else { throw .contentLength }
    if limits.body > 0 && length > limits.body { throw .bodyTooLong }
    state.pointee.body.length = length
  }

  private func note(_ name: Int, _ nameLength: Int, _ value: Int, _ valueLength: Int) {
    state.pointee.head.fields.append(
      FieldRange(
        name: UInt32(truncatingIfNeeded: name), nameLength: UInt32(truncatingIfNeeded: nameLength),
        value: UInt32(truncatingIfNeeded: value), valueLength: UInt32(truncatingIfNeeded: valueLength)))
  }

  /// Appends text to the storage's bytes, which have room for it; returns where it begins.
  private func put(_ text: String) -> Int { text.withBytes { put($0) } }

  private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
    let offset = state.pointee.buffer.bytes.count
    state.pointee.buffer.free.copyMemory(from: bytes)
    state.pointee.buffer.received(bytes.count)
    return offset
  }
}
