public import FoundationEssentials
public import GreenWeb

/// A type that says its JSON schema itself: where it cannot be found by decoding the type from nothing, because what it
/// decodes has to be something in particular.
///
/// ```swift
/// extension Currency: SchemaProviding {
///   static var schema: JSON { ["type": "string", "pattern": "^[A-Z]{3}$"] }
///   static var sample: Currency { Currency("EUR") }
/// }
/// ```
public protocol SchemaProviding {
  /// The schema, as JSON Schema 2020-12.
  static var schema: JSON { get }
  /// Any value, which stands in others while those are looked at.
  static var sample: Self { get }
}

extension Date: SchemaProviding {
  public static var schema: JSON { ["type": "string", "format": "date-time"] }
  public static var sample: Date { Date(timeIntervalSince1970: 0) }
}

extension UUID: SchemaProviding {
  public static var schema: JSON { ["type": "string", "format": "uuid"] }
  public static var sample: UUID { UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) }
}

extension Data: SchemaProviding {
  public static var schema: JSON { ["type": "string", "contentEncoding": "base64"] }
  public static var sample: Data { Data() }
}

extension URL: SchemaProviding {
  public static var schema: JSON { ["type": "string", "format": "uri"] }
  public static var sample: URL { URL(string: "http://localhost") ?? URL(filePath: "/") }
}

extension Decimal: SchemaProviding {
  public static var schema: JSON { ["type": "number"] }
  public static var sample: Decimal { 0 }
}

extension JSON: SchemaProviding {
  public static var schema: JSON { [:] }
  public static var sample: JSON { .null }
}
