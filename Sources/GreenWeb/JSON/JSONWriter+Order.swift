/// Fields in the order of their names, byte by byte, each name once: equal values are equal texts.
///
/// Where they have been written in that order nothing is left to be done.
extension JSONWriter {
  func orderFields() {
    guard level.count > 1, !(level.isOrdered && level.isPlain) else { return }
    fields[fields.count - 1].end = bytes.count
    var ordered = JSONBytes(capacity: bytes.count - level.start)
    if level.isPlain { copyInOrder(to: &ordered) } else { copyByNames(to: &ordered) }
    // After the brace.
    bytes.truncate(to: level.start + 1)
    bytes.append(ordered.part(0..<ordered.count))
  }

  private func copyInOrder(to ordered: inout JSONBytes) {
    let (first, text) = (level.firstField, UnsafePointer(bytes.start))
    fields.withUnsafeMutableBufferPointer { all in
      var own = UnsafeMutableBufferPointer(rebasing: all[first...])
      if own.count <= 24 { Self.insertionSort(own, text) } else { own.sort { $0.precedes($1, in: text) } }
    }
    for index in fields.indices[level.firstField...] {
      let field = fields[index]
      // Of several with one name the last that was written counts.
      if index + 1 < fields.count && field.compare(fields[index + 1], in: text) == 0 { continue }
      if ordered.count > 0 { ordered.append(UInt8(ascii: ",")) }
      ordered.append(bytes.part(field.start..<field.end))
    }
  }

  /// The fastest for the few fields that most objects have.
  private static func insertionSort(_ fields: UnsafeMutableBufferPointer<JSONField>, _ text: UnsafePointer<UInt8>) {
    for index in 1..<fields.count {
      let field = fields[index]
      var place = index
      while place > 0, field.precedes(fields[place - 1], in: text) {
        fields[place] = fields[place - 1]
        place -= 1
      }
      fields[place] = field
    }
  }

  /// The same where names are escaped, or not ASCII: then two may be one to Swift whose bytes are not the same.
  private func copyByNames(to ordered: inout JSONBytes) {
    var latest: [String: JSONField] = [:]
    for field in fields[level.firstField...] { latest[bytes.text(field.name)] = field }
    for (name, field) in latest.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      if ordered.count > 0 { ordered.append(UInt8(ascii: ",")) }
      ordered.append(quoted: name)
      ordered.append(UInt8(ascii: ":"))
      ordered.append(bytes.part(field.value))
    }
  }
}
