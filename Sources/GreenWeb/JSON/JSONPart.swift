/// A nested container, or a superclass's: a value that is written in turn with others, by a writer of its own.
struct JSONPart {
  let writer: JSONWriter
  /// Of a field.
  let name: String?
  /// Where its text belongs in that of the writer that it is part of.
  let offset: Int
}

extension JSONWriter {
  /// A further element, written apart.
  func partAsElement(at number: Int) -> JSONLevelEncoder {
    let part = makePart(for: JSONIndex(level.count))
    guard (try? beginElement(at: number)) != nil else { return part }
    parts.append(JSONPart(writer: part.writer, name: nil, offset: bytes.count))
    return part
  }

  /// A field, written apart. A nested container may be asked for again, and is the same then.
  func partAsField(_ name: String, for key: any CodingKey, at number: Int, isNested: Bool) -> JSONLevelEncoder {
    if isNested, level.number == number, let part = parts[level.firstPart...].last(where: { $0.name == name }) {
      return JSONLevelEncoder(writer: part.writer, number: 0)
    }
    let part = makePart(for: key)
    guard (try? beginField(name, at: number)) != nil else { return part }
    if isNested, isNameTwice { fail("'\(name)' is encoded as a value, and as a nested container.") }
    parts.append(JSONPart(writer: part.writer, name: name, offset: bytes.count))
    return part
  }

  private func makePart(for key: any CodingKey) -> JSONLevelEncoder {
    JSONLevelEncoder(writer: JSONWriter(capacity: 120, after: self, for: key), number: 0)
  }

  /// Whether the latest field's name is that of an earlier one.
  private var isNameTwice: Bool {
    guard let latest = fields.last else { return false }
    return fields[level.firstField...].dropLast().contains { $0.compare(latest, in: bytes.start) == 0 }
  }

  /// Puts the level's parts where they belong, as they are by now.
  func putParts() {
    guard parts.count > level.firstPart else { return }
    var whole = JSONBytes(capacity: 2 * (bytes.count - level.start))
    var (field, from, shift) = (level.firstField, level.start, 0)
    for part in parts[level.firstPart...] {
      whole.append(bytes.part(from..<part.offset))
      field = moveFields(from: field, before: part.offset, by: shift)
      part.writer.finish()
      fail(as: part.writer)
      whole.append(part.writer.bytes.part(0..<part.writer.bytes.count))
      (from, shift) = (part.offset, shift + part.writer.bytes.count)
    }
    whole.append(bytes.part(from..<bytes.count))
    _ = moveFields(from: field, before: .max, by: shift)
    for index in fields.indices[level.firstField...].dropLast() { fields[index].end = fields[index + 1].start - 1 }
    bytes.truncate(to: level.start)
    bytes.append(whole.part(0..<whole.count))
    parts.removeLast(parts.count - level.firstPart)
  }

  /// Moves the fields that begin before an offset; returns the first that does not.
  private func moveFields(from first: Int, before offset: Int, by shift: Int) -> Int {
    var index = first
    while index < fields.count, fields[index].start < offset {
      fields[index].start += shift
      index += 1
    }
    return index
  }
}
