import Foundation
import GreenTesting

extension RandomValue {
  /// One with at most `depth` more in each other.
  static func make(depth: Int, using random: inout SeededGenerator) -> RandomValue {
    func several() -> [RandomValue] {
      (0..<Int.random(in: 0...4, using: &random)).map { _ in make(depth: depth - 1, using: &random) }
    }
    func fields() -> [(name: String, value: RandomValue)] {
      (0..<Int.random(in: 0...9, using: &random)).map { _ in
        (name(using: &random), make(depth: depth - 1, using: &random))
      }
    }
    if depth == 0 { return scalar(using: &random) }
    switch Int.random(in: 0..<14, using: &random) {
    case 0: return .null
    case 1, 2: return .list(several())
    case 3, 4, 5: return .object(fields())
    case 6: return .wrapped(make(depth: depth - 1, using: &random))
    case 7: return .nested(first: several(), second: several())
    case 8: return .rows((0..<Int.random(in: 0...3, using: &random)).map { _ in several() })
    case 9: return .derived(own: several(), base: make(depth: depth - 1, using: &random))
    case 10: return .extended(.object(fields()), name: name(using: &random))
    case 11: return .failing(fields())
    case 12: return .simple(collection(using: &random))
    default: return scalar(using: &random)
    }
  }

  private static let names = [
    "", "a", "A", "b", "aa", "ab", "a!", "a\"", "\\", "/", "a/b", "id", "name", "created_at", "description", "aaaaaaaa",
    "aaaaaaab", "aaaaaaaaa", "aaaaaaaaaa", "\n", "a\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "ä", "K", "\u{212A}",
    "🎉", "日本語", "\u{2028}", "own 1", "base",
  ]

  private static func name(using random: inout SeededGenerator) -> String {
    names.randomElement(using: &random) ?? ""
  }

  static func text(using random: inout SeededGenerator) -> String {
    let count = Int.random(in: 0...(random.chance(0.1) ? 600 : 20), using: &random)
    let ascii = random.chance(0.5)
    var text = ""
    for _ in 0..<count {
      let limit: UInt32 = ascii ? 0x7F : random.chance(0.5) ? 0x2FF : 0x1_FFFF
      let least: UInt32 = random.chance(0.9) ? 0x20 : 0
      text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: least...limit, using: &random)) ?? "?")
    }
    return text
  }

  private static func scalar(using random: inout SeededGenerator) -> RandomValue {
    let bits = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
    switch Int.random(in: 0..<18, using: &random) {
    case 0: return .simple(random.chance(0.5))
    case 1: return .simple(Int(truncatingIfNeeded: bits))
    case 2: return .simple(Int8(truncatingIfNeeded: bits))
    case 3: return .simple(-Int64(bits >> 1))
    case 4: return .simple(bits)
    case 5: return .simple(UInt16(truncatingIfNeeded: bits))
    case 6: return .simple(Int128(bits >> 1) * -Int128(bits >> 1))
    case 7: return .simple(UInt128(bits) * UInt128(bits))
    case 8: return .simple(double(bits))
    case 9: return .simple(Double(bits >> 20) / 100)
    case 10: return .simple(Float(bitPattern: UInt32(truncatingIfNeeded: bits)).isFinite ? Float(bits) / 8 : 0)
    case 11:
      return .simple([0.0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e15, 1e16, -3, 0.1][Int(bits % 8)])
    case 12: return .simple(Date(timeIntervalSince1970: Double.random(in: -1e10...1e11, using: &random)))
    case 13: return .simple(Data(text(using: &random).utf8))
    case 14: return .simple(URL(string: "https://example.org/a/\(bits)?q=%20#x")!)
    case 15: return .simple(Decimal(bits) / 1000)
    default: return .simple(text(using: &random))
    }
  }

  private static func double(_ bits: UInt64) -> Double {
    let number = Double(bitPattern: bits)
    return number.isFinite ? number : 1.5
  }

  private static func collection(using random: inout SeededGenerator) -> any Encodable & Sendable {
    let numbers = (0..<Int.random(in: 0...5, using: &random)).map { _ in Int.random(in: -300...300, using: &random) }
    switch Int.random(in: 0..<14, using: &random) {
    case 0: return numbers
    case 1: return numbers.map { UInt8(truncatingIfNeeded: $0) }
    case 2: return numbers.map { Int32($0) }
    case 3: return numbers.map { Double($0) / 7 }
    case 4: return numbers.map { Float($0) / 7 }
    case 5: return numbers.map { $0 % 2 == 0 }
    case 6: return numbers.map { $0 % 2 == 0 ? $0 : nil }
    case 7: return numbers.map { "\($0)\n" }
    case 8: return Dictionary(numbers.map { ($0, "v") }) { $1 }
    case 9: return Dictionary(numbers.map { (name(using: &random), [$0]) }) { $1 }
    case 10: return Dictionary(numbers.map { (Double($0), $0) }) { $1 }
    case 11: return Set(numbers.prefix(1))
    case 12: return numbers.map { [Int8($0 / 3)] }
    default: return numbers.map { Int128($0) }
    }
  }
}
