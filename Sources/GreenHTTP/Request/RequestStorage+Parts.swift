/// Heads put together of parts, by whoever does not find them in what it has received.
extension RequestStorage {
  /// The name of the field that the authority goes into.
  static var hostName: StaticString { "Host" }

  /// Appends bytes to the storage's; returns where they begin.
  func put(_ bytes: UnsafeRawBufferPointer) -> Int {
    let offset = state.pointee.buffer.bytes.count
    state.pointee.buffer.append(bytes)
    return offset
  }

  func put(_ bytes: [UInt8]) -> Int { bytes.withUnsafeBytes { put($0) } }

  func put(_ text: StaticString) -> Int {
    put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Notes the method and the target, which have been put in, a space between them.
  func noteRequestLine(_ start: Int, _ methodLength: Int, _ target: Int, _ targetLength: Int) throws(HeadFault) {
    let state = state
    state.pointee.head.start = start
    state.pointee.head.methodLength = methodLength
    state.pointee.head.method = KnownMethod(name: base + start, count: methodLength)
    (state.pointee.head.target, state.pointee.head.targetLength) = (target, targetLength)
    if state.pointee.head.method == .connect {
      (state.pointee.head.path, state.pointee.head.pathLength) = (target, targetLength)
      throw .connectMethod
    }
    guard targetLength > 0, RequestHead.targetLength(base, from: target, to: target + targetLength) == targetLength
    else { throw .target }
    if let fault = state.pointee.head.parseTarget(base) { throw fault }
  }

  /// Notes a host, which has been put in. An empty one is for targets that have no authority.
  func noteHost(_ name: Int, _ value: Int, _ count: Int) throws(HeadFault) {
    guard count == 0 || Authority.isWellFormed(base + value, count: count) else { throw .host }
    note(name, Self.hostName.utf8CodeUnitCount, value, count)
  }

  /// Notes a field, which has been put in.
  func noteField(
    _ name: Int, _ nameLength: Int, _ value: Int, _ count: Int, _ limits: HTTPLimits
  ) throws(HeadFault) {
    if nameLength + count > limits.fieldLine { throw .fieldTooLong }
    if state.pointee.head.fields.count >= min(limits.fields, FieldTable.most) { throw .tooManyFields }
    guard isFieldValue(base + value, count: count) else { throw .fieldValue }
    note(name, nameLength, value, count)
  }

  /// Notes the length of the body, which a field says that has been put in.
  func noteLength(_ value: Int, _ count: Int, _ limits: HTTPLimits) throws(HeadFault) {
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
}
