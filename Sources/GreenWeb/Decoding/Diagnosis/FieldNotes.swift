/// What came of the fields of one value while it was decoded, time and again.
final class FieldNotes {
  /// A part of the value.
  enum Part: Hashable {
    case field(String)
    /// The value as another type.
    case whole
  }

  /// What is wrong with a part, and what may stand in for it.
  struct Fault {
    let faults: [InvalidInput.Field]
    let standIn: Any?
    /// Whether it may be given as missing.
    let mayBeMissing: Bool
    var canGoOn: Bool { standIn != nil || mayBeMissing }
  }

  /// How many parts were given out.
  private(set) var asked = 0
  private var values: [Part: Any] = [:]
  private var faults: [Part: Fault] = [:]
  /// Those which are not wrong any more.
  private var replaced: [Part: Fault] = [:]

  /// Gives a part out: what it was before, or what stands in for it. What is wrong with it is noted, and thrown as it was.
  func part<Value: Decodable>(
    _ part: Part, _ type: Value.Type, mayBeMissing: Bool = false, at place: [any CodingKey],
    _ decode: () throws -> Value, diagnose: () throws -> Diagnosis<Value>
  ) throws -> Value? {
    asked += 1
    if let replaced = replaced[part] {
      if mayBeMissing { return nil }
      if let value = replaced.standIn as? Value { return value }
    }
    if let value = values[part] as? Value { return value }
    do {
      let value = try decode()
      values[part] = value
      return value
    } catch {
      let inner = try Diagnosis.made(at: place, diagnose)
      guard let known = DecodingError(error, of: type, at: place, unless: inner == nil) else { throw error }
      faults[part] = Fault(
        faults: inner?.faults ?? known.fields(at: place, of: type), standIn: inner?.value ?? StandIn.value(type),
        mayBeMissing: mayBeMissing)
      throw known
    }
  }

  /// What was noted of the part that an error is about. From now on its stand-in is given.
  func takeFault(of error: DecodingError, below place: [any CodingKey]) -> Fault? {
    let errorPlace = error.place
    guard errorPlace.count >= place.count else { return nil }
    var part = Part.whole
    if errorPlace.count > place.count, faults[.field(errorPlace[place.count].stringValue)] != nil {
      part = .field(errorPlace[place.count].stringValue)
    }
    guard let fault = faults.removeValue(forKey: part) else { return nil }
    if fault.canGoOn { replaced[part] = fault }
    return fault
  }
}
