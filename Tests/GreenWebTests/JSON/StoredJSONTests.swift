import Foundation
import Green
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

/// One that contains itself.
private final class Ring: Encodable {
  var next: Ring?

  init() { next = self }
}

/// One that is coded where there is no memory for a stack.
private struct Starved: Codable, Sendable {
  init() {}
  init(from decoder: any Decoder) throws { throw HubError.stacks("none") }
  func encode(to encoder: any Encoder) throws { throw HubError.stacks("none") }
}

/// What is kept as JSON is coded on any stack, however deep it is.
@Suite(.bounded) struct StoredJSONTests {
  private struct Kept: Codable, Equatable {
    var when = Date(timeIntervalSinceReferenceDate: 812_345_678.25)
    var path = "a/b \u{2028}\"\\"
    var bytes = Data([1, 2])
    var table = ["b": [1, nil], "a": []]
    var number = 0.1
    var none: Int?
    var list = [Date(timeIntervalSince1970: 0)]
  }

  private func brackets(_ depth: Int) -> [UInt8] {
    Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
  }

  private func store(of bytes: [UInt8]) throws -> MemoryStore {
    let store = MemoryStore()
    store.write(bytes, for: "k", lifetime: .seconds(60))
    return store
  }

  @Test func whatFoundationHasWrittenIsReadAndTheOtherWayRound() throws {
    let kept = Kept()
    #expect(try StoredJSON.decoded(Kept.self, from: [UInt8](JSONEncoder().encode(kept))) == kept)
    #expect(try JSONDecoder().decode(Kept.self, from: Data(StoredJSON.encoded(kept))) == kept)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(try StoredJSON.encoded(kept) == [UInt8](encoder.encode(kept)))
    #expect(try StoredJSON.encoded(kept.when) == [UInt8](encoder.encode(kept.when)))
    #expect(try StoredJSON.encoded(Int?.none) == Array("null".utf8))
  }

  @Test func aDeepEntryOfACacheIsReadOnASmallStackAndADeeperOneIsAsNone() throws {
    try onHub(stackSize: 128 * 1024) {
      let cache = Cache()
      try cache.set("k", to: Nest(depth: 300), for: .seconds(60))
      #expect(try cache.get("k", as: Nest.self)?.depth == 300)
      #expect(try Cache(self.store(of: self.brackets(512))).get("k", as: Nest.self)?.depth == 512)
      for depth in [513, 100_000] {
        #expect(try Cache(self.store(of: self.brackets(depth))).get("k", as: Nest.self)?.depth == nil)
      }
      let ring = Ring()
      defer { ring.next = nil }
      #expect(throws: EncodingError.self) { try cache.set("k", to: ring, for: .seconds(60)) }
    }
  }

  @Test func anEntryOfACacheForWhichThereIsNoStackIsNotAsNone() throws {
    try onHub {
      let cache = Cache(try self.store(of: Array("7".utf8)))
      #expect(throws: HubError.self) { try cache.get("k", as: Starved.self) }
      var isMade = false
      let outcome = Result {
        try cache.value("k", for: .seconds(60)) { () throws -> Starved in
          isMade = true
          return Starved()
        }
      }
      #expect(throws: HubError.self) { try outcome.get() }
      #expect(!isMade)
      #expect(try cache.get("k", as: Int.self) == 7)
    }
  }

  @Test func textThatIsTooDeepIsRefusedWithItsPlace() throws {
    let error = #expect(throws: DecodingError.self) {
      try StoredJSON.decoded(Nest.self, from: self.brackets(513))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("another error: \(error.map { "\($0)" } ?? "none")")
      return
    }
    #expect(context.debugDescription == "the JSON is nested more than 512 deep, at byte 512")
  }
}
