/// Numbers of types in `pg_type` that never change.
enum PostgresType {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let int8: UInt32 = 20
  static let int2: UInt32 = 21
  static let int4: UInt32 = 23
  static let json: UInt32 = 114
  static let float4: UInt32 = 700
  static let float8: UInt32 = 701
  static let date: UInt32 = 1082
  static let timestamp: UInt32 = 1114
  static let timestamptz: UInt32 = 1184
  static let numeric: UInt32 = 1700
  static let uuid: UInt32 = 2950
  static let jsonb: UInt32 = 3802

  /// The type of arrays of a type; 0 where that is for the server to find out.
  static func array(of type: UInt32) -> UInt32 {
    switch type {
    case bool: 1000
    case bytea: 1001
    case int2: 1005
    case int4: 1007
    case int8: 1016
    case float4: 1021
    case float8: 1022
    case timestamptz: 1185
    case uuid: 2951
    default: 0
    }
  }

  /// The type of the elements of an array, as far as it makes a difference.
  static func element(of type: UInt32) -> UInt32 { type == array(of: bytea) ? bytea : 0 }
}
