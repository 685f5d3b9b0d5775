extension DecodingError {
  /// An error of a value at a place, with the place. Foundation's decoder has an error of its own, and tells no place,
  /// where a number is not one of the wanted type: `nil` for others, which are of the program's own, where `isUnknown`
  /// says that nothing else was found.
  init?<Value>(_ error: any Error, of type: Value.Type, at place: [any CodingKey], unless isUnknown: Bool) {
    guard let error = error as? DecodingError else {
      if isUnknown && !StandIn.isPlain(type) { return nil }
      self = .dataCorrupted(.init(codingPath: place, debugDescription: "not a value of the type"))
      return
    }
    self = error
    if case .dataCorrupted(let context) = error, context.codingPath.count < place.count {
      self = .dataCorrupted(.init(codingPath: place, debugDescription: context.debugDescription))
    }
  }

  /// What is wrong, of a value of a type at a place.
  func fields<Value>(at place: [any CodingKey], of type: Value.Type) -> [InvalidInput.Field] {
    guard case .dataCorrupted(let context) = self, context.codingPath.count <= place.count,
      let number = type as? any FixedWidthInteger.Type
    else { return InvalidInput(self).errors }
    return [InvalidInput.Field(InvalidInput.path(place), Self.outside(number))]
  }

  /// Where it was.
  var place: [any CodingKey] {
    switch self {
    case .keyNotFound(let key, let context): context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context.codingPath
    @unknown default: []
    }
  }

  /// What is said of a number that is not one of a type.
  private static func outside<Number: FixedWidthInteger>(_ type: Number.Type) -> String {
    "must be an integer from \(type.min) to \(type.max)"
  }
}
