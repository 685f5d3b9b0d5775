internal import FoundationEssentials
internal import Green
internal import GreenHTTP

/// JSON that is kept somewhere and read again: payloads of jobs, values of sessions and caches, columns of databases.
///
/// What is kept there may have been written by others, and callers have stacks of any size: it is coded on one of 8 MB, and
/// how deep it may be is bounded both ways. Its form is that of Foundation's coders where they are told nothing, so dates
/// are seconds since 2001; keys are in order and slashes as they are, which is the same to who reads it.
package enum StoredJSON {
  private static let options: JSONOptions = {
    var options = JSONOptions()
    options.hasFoundationDates = true
    return options
  }()

  /// A value as JSON.
  ///
  /// - Throws: as ``Response/json(_:status:)``: so for one that is nested more than 511 deep, or contains itself.
  package static func encoded<Value: Encodable>(_ value: Value) throws -> [UInt8] {
    do {
      return try Fiber.onBigStack { try JSONWriter.bytes(of: value, options) }
    } catch EncodingError.invalidValue(_, let context) {
      // Not the value: whoever logs the error would recurse as deeply as it goes.
      throw EncodingError.invalidValue(type(of: value), context)
    }
  }

  /// The value that JSON is.
  ///
  /// - Parameters:
  ///   - type: of which type it is.
  ///   - bytes: the text.
  ///   - refusal: the error for a text that is not looked at any further, with the reason as the end of a sentence.
  /// - Throws: `DecodingError`; what `refusal` makes for a text that is nested more than 512 deep, or not UTF-8, which is a
  ///   `DecodingError` unless said otherwise.
  package static func decoded<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8], refusal: (String) -> any Error = StoredJSON.corrupted
  ) throws -> Value {
    if let problem = JSONDepth.problem(of: bytes) { throw refusal(problem) }
    return try Fiber.onBigStack { try JSONDecoder().decode(type, from: Data(bytes)) }
  }

  /// The value that JSON is, `nil` where it cannot be read as one of this type any more.
  ///
  /// - Throws: `HubError` where there is no stack to read it on, which says nothing of what it is.
  package static func decodedIfPossible<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8]
  ) throws -> Value? {
    do {
      return try decoded(type, from: bytes)
    } catch let error as HubError {
      throw error
    } catch {
      return nil
    }
  }

  /// What is thrown unless said otherwise.
  package static func corrupted(_ problem: String) -> any Error {
    DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "the JSON \(problem)"))
  }
}
