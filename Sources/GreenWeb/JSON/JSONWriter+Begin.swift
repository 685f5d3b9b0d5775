/// What stands before a value: brackets, commas, names. Each call names the level that it is about.
extension JSONWriter {
  /// Makes the value an array or an object, unless it is one already.
  func open(_ kind: JSONLevel.Kind, at number: Int) {
    guard (try? check(number)) != nil else { return }
    if level.kind == kind { return }
    guard level.kind == .empty else { return fail("A value is encoded as an object and as something else.") }
    level.kind = kind
    level.depth += 1
    if level.depth > Self.mostDepth { fail(Self.tooDeep) }
    bytes.append(kind == .array ? UInt8(ascii: "[") : UInt8(ascii: "{"))
  }

  /// Makes the value one that is neither.
  func beginScalar(at number: Int) throws {
    try check(number)
    guard level.kind == .empty else { throw failed("A single value is encoded after another.") }
    level.kind = .scalar
  }

  func beginElement(at number: Int) throws {
    try check(number)
    if level.count > 0 { bytes.append(UInt8(ascii: ",")) }
    level.count += 1
  }

  func beginField(_ name: String, at number: Int) throws {
    try check(number)
    if level.count > 0 {
      fields[fields.count - 1].end = bytes.count
      bytes.append(UInt8(ascii: ","))
    }
    let start = bytes.count
    if !bytes.append(quoted: name) { level.isPlain = false }
    let field = JSONField(at: start, in: bytes)
    bytes.append(UInt8(ascii: ":"))
    if level.count > 0, fields[fields.count - 1].compare(field, in: bytes.start) >= 0 { level.isOrdered = false }
    fields.append(field)
    level.count += 1
  }

  // MARK: Taking back

  /// How far everything was at some moment.
  struct Mark {
    let bytes, fields, parts, count: Int
  }

  var mark: Mark { Mark(bytes: bytes.count, fields: fields.count, parts: parts.count, count: level.count) }

  /// A value has thrown: what there is of it and its name is taken back. Who encodes may go on without it.
  func takeBack(to mark: Mark) {
    bytes.truncate(to: mark.bytes)
    fields.removeLast(fields.count - mark.fields)
    parts.removeLast(parts.count - mark.parts)
    level.count = mark.count
  }
}
