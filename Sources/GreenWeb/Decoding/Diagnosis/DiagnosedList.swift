/// Values of one type, which decode themselves without code of a program's own: all of them are looked at in one go.
protocol DiagnosedList {
  /// What is wrong with each of them, and the list with stand-ins, or without those that have none.
  static func diagnosed(_ decoder: any Decoder) throws -> (value: Any, faults: [InvalidInput.Field])
}

extension Array: DiagnosedList where Element: Decodable {
  static func diagnosed(_ decoder: any Decoder) throws -> (value: Any, faults: [InvalidInput.Field]) {
    var container = try decoder.unkeyedContainer()
    var list: [Element] = []
    var faults: [InvalidInput.Field] = []
    while !container.isAtEnd, faults.count < DiagnosisLimits.faults {
      let place = container.currentIndex
      do {
        list.append(try container.decode(Element.self))
      } catch {
        let way = decoder.codingPath + [ElementPlace(intValue: place)]
        let found = try Diagnosis.made(at: way) { try container.decode(Diagnosis<Element>.self) }
        guard let known = DecodingError(error, of: Element.self, at: way, unless: found == nil) else { throw error }
        if container.currentIndex == place { _ = try? container.decode(Anything.self) }
        faults += found?.faults ?? known.fields(at: way, of: Element.self)
        if let value = found?.value ?? StandIn.value(Element.self) { list.append(value) }
      }
      if container.currentIndex == place { break }
    }
    return (list, faults)
  }
}

extension Set: DiagnosedList where Element: Decodable {
  static func diagnosed(_ decoder: any Decoder) throws -> (value: Any, faults: [InvalidInput.Field]) {
    let found = try [Element].diagnosed(decoder)
    return (Set(found.value as? [Element] ?? []), found.faults)
  }
}

extension Dictionary: DiagnosedList where Key == String, Value: Decodable {
  static func diagnosed(_ decoder: any Decoder) throws -> (value: Any, faults: [InvalidInput.Field]) {
    let container = try decoder.container(keyedBy: Name.self)
    var values: [String: Value] = [:]
    var faults: [InvalidInput.Field] = []
    // In one order, since a dictionary of the decoder's has none.
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      if faults.count >= DiagnosisLimits.faults { break }
      let notes = FieldNotes()
      do {
        values[key.stringValue] = try notes.part(
          .whole, Value.self, at: decoder.codingPath + [key], { try container.decode(Value.self, forKey: key) },
          diagnose: { try container.decode(Diagnosis<Value>.self, forKey: key) })
      } catch let error as DecodingError {
        guard let found = notes.takeFault(of: error, below: decoder.codingPath + [key]) else { throw error }
        faults += found.faults
        if let value = found.standIn as? Value { values[key.stringValue] = value }
      }
    }
    return (values, faults)
  }
}

/// The place of an element.
struct ElementPlace: CodingKey {
  let place: Int
  init(intValue: Int) { place = intValue }
  init?(stringValue: String) { return nil }
  var stringValue: String { "\(place)" }
  var intValue: Int? { place }
}

/// Whatever there is.
struct Anything: Decodable {
  init(from decoder: any Decoder) {}
}

private struct Name: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { return nil }
}
