import Foundation
import GreenHTTP
import GreenTesting
import SuiteSupport
import TestSupport
import Testing

@testable import GreenWeb

/// What a value is as JSON, by Foundation's encoder with the options that ours has built in.
func byFoundation(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.dateEncodingStrategy = .iso8601
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

func byWriter(_ value: some Encodable) throws -> String {
  String(decoding: try JSONWriter.bytes(of: value), as: UTF8.self)
}

@Suite(.bounded) struct JSONWriterTests {
  @Test(arguments: 0..<40 as Range<UInt64>) func anyValueIsWhatFoundationMakesOfIt(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<250 {
      let value = RandomValue.make(depth: Int.random(in: 0...4, using: &random), using: &random)
      let (wanted, written) = (try byFoundation(value.withoutFailures), try byWriter(value))
      try #require(written == wanted)
      _ = try JSONSerialization.jsonObject(with: Data(written.utf8), options: .fragmentsAllowed)
    }
  }

  @Test func numbersAreWhatFoundationMakesOfThem() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let bits = random.next()
      let numbers = [
        Double(bitPattern: bits), Double(bits >> 11), Double(bits >> 40) / 1000, Double(Int64(bitPattern: bits)),
      ]
      for number in numbers where number.isFinite { try #require(try byWriter(number) == byFoundation(number)) }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      for number in [float, Float(bits >> 45)] where number.isFinite {
        try #require(try byWriter(number) == byFoundation(number))
      }
    }
  }

  @Test func datesAreWhatFoundationMakesOfThem() throws {
    var random = SeededGenerator(seed: 2)
    let edges =
      [-1.0, 0, 0.999_999, -0.000_001, 951_782_399, 951_782_400, 4_107_542_400, 253_402_300_799, 253_402_300_800]
      + [-11_676_096_000, -11_676_096_001, -62_135_596_800, -62_135_596_801, 1e12, -1e12]
    for second in edges { #expect(try byWriter(date(second)) == byFoundation(date(second)), "\(second)") }
    for _ in 0..<5_000 {
      let date = date(Double.random(in: -7e10...3e11, using: &random))
      try #require(try byWriter(date) == byFoundation(date))
    }
  }

  private func date(_ second: Double) -> Date { Date(timeIntervalSince1970: second) }

  @Test func everyByteOfATextIsEscapedAsItMustBe() throws {
    for scalar in (0..<0x300).compactMap({ Unicode.Scalar($0 as UInt32) }) {
      for length in 0..<18 {
        let text = String(repeating: "x", count: length) + String(scalar) + "y"
        try #require(try byWriter([text: text, "z": ""]) == byFoundation([text: text, "z": ""]))
      }
    }
  }

  @Test func manyFieldsAreInOrder() throws {
    var random = SeededGenerator(seed: 3)
    for count in [0, 1, 2, 23, 24, 25, 26, 1_000] {
      let table = Dictionary(
        (0..<count).map { ("\(Int.random(in: 0..<10_000, using: &random))", $0) }, uniquingKeysWith: { $1 })
      #expect(try byWriter(table) == byFoundation(table))
      #expect(try byWriter([table, table]) == byFoundation([table, table]))
    }
  }

  @Test func aClassEncodesItsSuperclassWithItself() throws {
    #expect(try byWriter(Derived()) == byFoundation(Derived()))
    #expect(try byWriter([Derived(), Base()]) == byFoundation([Derived(), Base()]))
  }

  private class Base: Encodable {
    enum Keys: CodingKey { case base, attributes }
    enum Attributes: CodingKey { case z, a }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(1, forKey: .base)
      var nested = container.nestedContainer(keyedBy: Attributes.self, forKey: .attributes)
      try nested.encode("z", forKey: .z)
    }
  }

  private final class Derived: Base {
    enum OwnKeys: CodingKey { case attributes, another }
    override func encode(to encoder: any Encoder) throws {
      try super.encode(to: encoder)
      var container = encoder.container(keyedBy: OwnKeys.self)
      var nested = container.nestedContainer(keyedBy: Attributes.self, forKey: .attributes)
      try nested.encode([1], forKey: .a)
      try container.encode(encoder.codingPath.count, forKey: .another)
    }
  }
}
