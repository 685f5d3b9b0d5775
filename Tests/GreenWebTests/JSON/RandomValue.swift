import Foundation
import GreenTesting

/// A value of any kind that encodes itself in any way that `Encodable` has: for comparing encoders.
indirect enum RandomValue: Encodable {
  case null
  case simple(any Encodable & Sendable)
  case list([RandomValue])
  case object([(name: String, value: RandomValue)])
  /// A value that encodes itself as another.
  case wrapped(RandomValue)
  /// Several nested containers that are written to in turn.
  case nested(first: [RandomValue], second: [RandomValue])
  /// An array whose elements are nested containers.
  case rows([[RandomValue]])
  /// Fields, and those of a superclass among them and apart.
  case derived(own: [RandomValue], base: RandomValue)
  /// Fields of a value, and more after them.
  case extended(RandomValue, name: String)
  /// Fields, of which some throw in the middle and are left out.
  case failing([(name: String, value: RandomValue)])

  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .simple(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .list(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try value.encode(into: &container) }
    case .object(let fields):
      var container = encoder.container(keyedBy: Key.self)
      for (name, value) in fields { try container.encode(value, forKey: Key(name)) }
    case .wrapped(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .nested(let first, let second): try Self.encodeInTurn(first, second, to: encoder)
    case .rows(let rows): try Self.encode(rows, to: encoder)
    case .derived(let own, let base): try Self.encode(own, base, to: encoder)
    case .extended(let value, let name):
      try value.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: Key(name))
    case .failing(let fields):
      var container = encoder.container(keyedBy: Key.self)
      for (name, value) in fields {
        try? container.encode(Failing(value: value), forKey: Key(name + " fails"))
        try container.encode(value, forKey: Key(name))
        try? container.encode(-Double.infinity, forKey: Key(name + " is infinite"))
      }
    }
  }

  private func encode(into container: inout any UnkeyedEncodingContainer) throws {
    switch self {
    case .null: try container.encodeNil()
    case .simple(let value): try container.encode(value)
    default: try container.encode(self)
    }
  }

  private static func encodeInTurn(_ first: [Self], _ second: [Self], to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    var list = container.nestedUnkeyedContainer(forKey: Key("list"))
    try container.encode(first.count, forKey: Key("count"))
    var table = container.nestedContainer(keyedBy: Key.self, forKey: Key("a table"))
    for (index, value) in (first + second).enumerated() {
      try list.encode(value)
      // The same container again.
      var again = container.nestedContainer(keyedBy: Key.self, forKey: Key("a table"))
      try again.encode(value, forKey: Key("field \(index)"))
      try table.encode(index, forKey: Key("number \(index)"))
      try container.encode(value, forKey: Key("own \(index)"))
    }
  }

  private static func encode(_ rows: [[Self]], to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for (index, row) in rows.enumerated() {
      var (list, table) = (container.nestedUnkeyedContainer(), container.nestedContainer(keyedBy: Key.self))
      try container.encode(index)
      for (column, value) in row.enumerated() {
        try list.encode(value)
        try table.encode(value, forKey: Key("\(column)"))
      }
      try RandomValue.list(row).encode(to: container.superEncoder())
    }
  }

  private static func encode(_ own: [Self], _ base: Self, to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (index, value) in own.enumerated() { try container.encode(value, forKey: Key("own \(index)")) }
    try base.encode(to: container.superEncoder())
    try base.encode(to: container.superEncoder(forKey: Key("base")))
    _ = container.superEncoder(forKey: Key("nothing"))
  }

  /// The same where nothing throws. Foundation's encoder goes on wrongly after a value that has thrown in the middle: what
  /// there is of it becomes a part of the next, or the process ends.
  var withoutFailures: RandomValue {
    func all(_ values: [RandomValue]) -> [RandomValue] { values.map(\.withoutFailures) }
    switch self {
    case .null, .simple: return self
    case .list(let values): return .list(all(values))
    case .object(let fields), .failing(let fields): return .object(fields.map { ($0.name, $0.value.withoutFailures) })
    case .wrapped(let value): return .wrapped(value.withoutFailures)
    case .nested(let first, let second): return .nested(first: all(first), second: all(second))
    case .rows(let rows): return .rows(rows.map(all))
    case .derived(let own, let base): return .derived(own: all(own), base: base.withoutFailures)
    case .extended(let value, let name): return .extended(value.withoutFailures, name: name)
    }
  }

  private struct Failing: Encodable {
    let value: RandomValue
    struct Reason: Error {}
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(value, forKey: Key("value"))
      var nested = container.nestedUnkeyedContainer(forKey: Key("nested"))
      try nested.encode(value)
      throw Reason()
    }
  }
}
