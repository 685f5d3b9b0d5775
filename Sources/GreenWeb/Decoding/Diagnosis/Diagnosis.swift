/// A value that could not be decoded, looked at for all that is wrong with it, where decoding ends at the first thing.
///
/// The type decodes itself again, and where a field is wrong once more, a stand-in is given for it the next time: one
/// that a client could have sent, such as 0 or nothing. So every field that is named is one that the type itself
/// refused. Where no stand-in can be made, of an enumeration that is not `CaseIterable` for one, what comes after it is
/// not looked at.
struct Diagnosis<Value: Decodable>: Decodable {
  /// The value with its stand-ins; `nil` where there is none.
  private(set) var value: Value?
  /// All that is wrong.
  private(set) var faults: [InvalidInput.Field] = []

  init(from decoder: any Decoder) throws {
    if let list = Value.self as? any DiagnosedList.Type {
      do {
        let found = try list.diagnosed(decoder)
        value = found.value as? Value
        faults = found.faults
      } catch let error as DecodingError {
        faults = error.fields(at: decoder.codingPath, of: Value.self)
      }
      return
    }
    let notes = FieldNotes()
    while faults.count < DiagnosisLimits.faults {
      do {
        value = try Value(from: DiagnosingDecoder(inner: decoder, notes: notes))
        return
      } catch let error as DecodingError {
        let found = notes.takeFault(of: error, below: decoder.codingPath)
        faults += found?.faults ?? error.fields(at: decoder.codingPath, of: Value.self)
        guard let found, found.canGoOn, notes.asked < DiagnosisLimits.questions else { return }
      } catch {
        // Thrown by the type's own code. What is known by now is right all the same.
        if faults.isEmpty { throw error }
        return
      }
    }
  }

  /// That of a part of a value; `nil` where it tells no more than the error that is known.
  static func made(at place: [any CodingKey], _ make: () throws -> Self) throws -> Self? {
    if StandIn.isPlain(Value.self) || place.count > DiagnosisLimits.depth { return nil }
    do {
      let made = try make()
      return made.faults.isEmpty ? nil : made
    } catch is DecodingError {
      // The part is missing.
      return nil
    }
  }

  /// What is wrong, with what is not valid of the fields that could be decoded.
  var invalidInput: InvalidInput? {
    if faults.isEmpty { return nil }
    guard let value = value as? any Validated else { return InvalidInput(faults) }
    var validation = Validation(besides: faults.map(\.field))
    value.validate(&validation)
    return InvalidInput(faults + validation.errors)
  }
}

/// What a diagnosis may cost, whatever the client has sent.
enum DiagnosisLimits {
  /// So many faults are named of one value.
  static let faults = 100
  /// How deep in a value its parts are looked at one by one.
  static let depth = 16
  /// How many fields are given out to one value, all times together.
  static let questions = 10_000
}
