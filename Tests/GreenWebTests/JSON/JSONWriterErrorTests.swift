import Foundation
import Green
import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

@testable import GreenWeb

/// Values that are not JSON, and those that encode themselves in a way that makes none.
@Suite(.bounded) struct JSONWriterErrorTests {
  private func reason(_ value: some Encodable) -> String {
    do {
      return try "written: \(byWriter(value))"
    } catch EncodingError.invalidValue(_, let context) {
      return context.codingPath.map { "\($0.stringValue): " }.joined() + context.debugDescription
    } catch {
      return "\(error)"
    }
  }

  @Test func aNumberThatIsNotFiniteIsRefusedWithItsPlace() {
    struct Ratios: Encodable { var of = ["a": [1, Double.nan]] }
    #expect(reason(Double.nan) == "Unable to encode nan directly in JSON.")
    #expect(reason(["x": -Float.infinity]) == "x: Unable to encode -inf directly in JSON.")
    #expect(reason([nil, Double.infinity]).hasSuffix("Unable to encode inf directly in JSON."))
    #expect(reason(Ratios()).hasPrefix("of: a: "))
    #expect(throws: EncodingError.self) { try byWriter(["a": Decimal.nan]) }
  }

  @Test func aValueThatEncodesNothingIsNoneOnlyWhereItIsAll() throws {
    struct Nothing: Encodable { func encode(to encoder: any Encoder) {} }
    #expect(throws: EncodingError.self) { try byWriter(Nothing()) }
    #expect(try byWriter([Nothing()]) == "[{}]")
    #expect(try byWriter(["a": Nothing()]) == byFoundation(["a": Nothing()]))
    #expect(try byWriter(Nothing?.some(Nothing())) == byFoundation(Nothing?.some(Nothing())))
    #expect(try byWriter(Nothing?.none) == "null")
  }

  @Test func whatAValueThrowsIsThrown() {
    struct Own: Error {}
    struct Throwing: Encodable { func encode(to encoder: any Encoder) throws { throw Own() } }
    #expect(throws: Own.self) { try byWriter(["a": [Throwing()]]) }
  }

  @Test func asDeepAsFoundationAndNoDeeper() throws {
    func nest(_ depth: Int, _ inner: some Encodable & Sendable) -> RandomValue {
      depth == 0 ? .simple(inner) : .list([nest(depth - 1, inner)])
    }
    try Fiber.onBigStack(bytes: 64 << 20) {
      for value in [nest(510, ["a": 1]), nest(510, [1, 2]), nest(511, "x")] {
        let (wanted, written) = (try byFoundation(value), try byWriter(value))
        #expect(written == wanted)
      }
      for value in [nest(511, ["a": 1]), nest(511, [Int?.none]), nest(511, ["a"]), nest(512, 1)] {
        #expect(throws: EncodingError.self) { try byFoundation(value) }
        #expect(throws: EncodingError.self) { try byWriter(value) }
      }
    }
  }

  private final class Circle: Encodable {
    enum Way { case asField, asElement, inPlace, nested }
    let way: Way
    init(_ way: Way) { self.way = way }

    func encode(to encoder: any Encoder) throws {
      if way == .inPlace {
        var single = encoder.singleValueContainer()
        return try single.encode(self)
      }
      if way == .asElement {
        var list = encoder.unkeyedContainer()
        return try list.encode(self)
      }
      var container = encoder.container(keyedBy: RandomValue.Key.self)
      if way == .asField { return try container.encode(self, forKey: RandomValue.Key("next")) }
      var list = container.nestedUnkeyedContainer(forKey: RandomValue.Key("list"))
      try list.encode(self)
    }
  }

  @Test func aValueThatContainsItselfIsRefused() throws {
    for way in [Circle.Way.asField, .asElement, .inPlace, .nested] {
      let error = try onHub { try #require(throws: EncodingError.self) { try Response.json(Circle(way)) } }
      guard case .invalidValue(let value, _) = error else { throw error }
      #expect(value is Circle.Type)
    }
  }

  @Test func whoCatchesWhatAFieldThrowsGoesOnWithoutIt() throws {
    struct Lenient: Encodable {
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: RandomValue.Key.self)
        try? container.encode([Double.nan], forKey: RandomValue.Key("a"))
        try? container.encode(["b": [1: Double.nan]], forKey: RandomValue.Key("b"))
        try container.encode(1, forKey: RandomValue.Key("c"))
        try? container.encode(Float.nan, forKey: RandomValue.Key("d"))
      }
    }
    #expect(try byWriter(Lenient()) == #"{"c":1}"#)
    #expect(try byWriter([Lenient(), Lenient()]) == #"[{"c":1},{"c":1}]"#)
  }

  // MARK: Foundation's encoder ends the process here

  private struct Encoding: Encodable {
    let body: @Sendable (any Encoder) throws -> Void
    init(_ body: @escaping @Sendable (any Encoder) throws -> Void) { self.body = body }
    func encode(to encoder: any Encoder) throws { try body(encoder) }
  }

  @Test func aValueIsOneThing() {
    let wrong: [@Sendable (any Encoder) throws -> Void] = [
      {
        _ = $0.container(keyedBy: RandomValue.Key.self)
        var list = $0.unkeyedContainer()
        try list.encode(1)
      },
      {
        _ = $0.unkeyedContainer()
        _ = $0.container(keyedBy: RandomValue.Key.self)
      },
      {
        var single = $0.singleValueContainer()
        try single.encode(1)
        try single.encode(2)
      },
      {
        var single = $0.singleValueContainer()
        try single.encode(1)
        _ = $0.unkeyedContainer()
      },
      {
        var container = $0.container(keyedBy: RandomValue.Key.self)
        _ = container.nestedUnkeyedContainer(forKey: RandomValue.Key("a"))
        _ = container.nestedContainer(keyedBy: RandomValue.Key.self, forKey: RandomValue.Key("a"))
      },
      {
        var container = $0.container(keyedBy: RandomValue.Key.self)
        try container.encode(1, forKey: RandomValue.Key("a"))
        _ = container.nestedUnkeyedContainer(forKey: RandomValue.Key("a"))
      },
    ]
    for body in wrong {
      #expect(throws: EncodingError.self) { try byWriter(Encoding(body)) }
      #expect(throws: EncodingError.self) { try byWriter(["a": [Encoding(body)]]) }
    }
  }

  @Test func aContainerIsUsedInItsTime() {
    // Unsafe: all of it runs on this thread.
    nonisolated(unsafe) var kept: (any UnkeyedEncodingContainer)?
    let keeps = Encoding { kept = $0.unkeyedContainer() }
    #expect(throws: EncodingError.self) {
      try byWriter([
        keeps, Encoding { _ in try kept?.encode("too late") },
      ])
    }
    let outer = Encoding { encoder in
      kept = encoder.unkeyedContainer()
      var list = encoder.unkeyedContainer()
      try list.encode(Encoding { _ in try kept?.encode("from within") })
    }
    #expect(throws: EncodingError.self) { try byWriter(outer) }
  }
}
