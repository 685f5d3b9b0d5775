internal import CPQ

/// The values of a statement as libpq takes them: valid while ``withPointers(_:)`` calls its body.
struct ParameterList {
  let types: [UInt32]
  private let parameters: [PostgresParameter]

  /// - Throws: ``PostgresUsageError``, and what a value throws.
  init(_ values: [any PostgresValue]) throws {
    guard values.count <= 65535 else { throw PostgresUsageError.tooManyValues(values.count) }
    types = values.map { Swift.type(of: $0).postgresType }
    parameters = try values.map { try $0.postgresParameter }
    for parameter in parameters { try Self.check(parameter) }
  }

  private static func check(_ parameter: PostgresParameter) throws {
    switch parameter {
    case .null: break
    case .text(let text):
      // It would end there.
      if text.utf8.contains(0) { throw PostgresUsageError.nul }
      if text.utf8.count >= 1 << 30 { throw PostgresUsageError.tooLarge(text.utf8.count) }
    case .binary(let bytes): if bytes.count >= 1 << 30 { throw PostgresUsageError.tooLarge(bytes.count) }
    }
  }

  struct Pointers {
    let count: Int32
    let types: UnsafePointer<Oid>?
    let values: UnsafePointer<UnsafePointer<CChar>?>?
    let lengths: UnsafePointer<Int32>?
    let formats: UnsafePointer<Int32>?
  }

  func withPointers<Result>(_ body: (Pointers) throws -> Result) rethrows -> Result {
    var storage: [UInt8] = []
    var places: [Int?] = []
    for parameter in parameters {
      if parameter == .null {
        places.append(nil)
        continue
      }
      places.append(storage.count)
      if case .text(let text) = parameter { storage += text.utf8 }
      if case .binary(let bytes) = parameter { storage += bytes }
      storage.append(0)
    }
    return try storage.withUnsafeBytes { storage in
      let values = places.map { place in place.map { (storage.baseAddress! + $0).assumingMemoryBound(to: CChar.self) } }
      return try types.withUnsafeBufferPointer { types in
        try values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
          try lengths.withUnsafeBufferPointer { lengths in
            try formats.withUnsafeBufferPointer { formats in
              try body(
                Pointers(
                  count: Int32(parameters.count), types: types.baseAddress, values: values.baseAddress,
                  lengths: lengths.baseAddress, formats: formats.baseAddress))
            }
          }
        }
      }
    }
  }

  /// Only looked at for what is binary.
  private var lengths: [Int32] {
    parameters.map { if case .binary(let bytes) = $0 { Int32(bytes.count) } else { 0 } }
  }

  private var formats: [Int32] {
    parameters.map { if case .binary = $0 { 1 } else { 0 } }
  }
}
