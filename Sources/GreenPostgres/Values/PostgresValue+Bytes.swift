internal import CPQ
public import FoundationEssentials

/// `bytea`.
extension Data: PostgresValue {
  public static var postgresType: UInt32 { PostgresType.bytea }
  public var postgresParameter: PostgresParameter { .binary([UInt8](self)) }
  public init(postgres field: PostgresField) throws { self = Data(try field.binary()) }
}

extension PostgresField {
  /// The bytes of a `bytea`, in either of its two forms; of another type, those of the text.
  func binary() throws -> [UInt8] {
    guard type == PostgresType.bytea else { return try withBytes { [UInt8]($0) } }
    let bytes = try withBytes { bytes -> [UInt8]? in
      var count = 0
      // Unsafe: libpq ends every value with a zero.
      let start = bytes.bindMemory(to: UInt8.self).baseAddress
      guard let unescaped = PQunescapeBytea(start, &count) else { return nil }
      defer { PQfreemem(unescaped) }
      return [UInt8](UnsafeBufferPointer(start: unescaped, count: count))
    }
    guard let bytes else { throw mismatch([UInt8].self) }
    return bytes
  }
}
