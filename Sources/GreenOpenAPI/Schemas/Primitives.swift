internal import GreenWeb

/// The types that JSON has itself.
enum Primitives {
  static func look<Value>(at type: Value.Type) -> (schema: JSON, value: Value?)? {
    switch type {
    case is String.Type: (["type": "string"], "" as? Value)
    case is Bool.Type: (["type": "boolean"], false as? Value)
    case is Double.Type: (["type": "number"], 0.0 as? Value)
    case is Float.Type: (["type": "number"], Float(0) as? Value)
    case let type as any FixedWidthInteger.Type: (integer(type), zero(type) as? Value)
    default: nil
    }
  }

  private static func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> JSON {
    // JSON Schema knows no unsigned numbers, but what is not below nothing.
    Number.isSigned ? ["type": "integer"] : ["type": "integer", "minimum": 0]
  }

  private static func zero<Number: FixedWidthInteger>(_ type: Number.Type) -> Any { Number.zero }
}
