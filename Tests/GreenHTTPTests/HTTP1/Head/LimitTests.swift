import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct LimitTests {
  private static func head(_ target: String = "/", _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
  }

  private func status(_ text: String) -> [Int] {
    let whole = serve(text + Self.head())
    let split = serve(.pieces(Array((text + Self.head()).utf8), seed: 7))
    #expect(whole == split)
    return whole.map(\.status)
  }

  @Test func aRequestLineMayHave8190BytesAndNotOneMore() {
    let target = "/" + String(repeating: "a", count: 8_190 - 14)
    #expect(status(Self.head(target)) == [200, 200])
    #expect(status(Self.head(target + "a")) == [414])
  }

  @Test func aFieldMayHave8190BytesAndNotOneMore() {
    let field = "X: " + String(repeating: "a", count: 8_187)
    #expect(status(Self.head("/", field + "\r\n")) == [200, 200])
    #expect(status(Self.head("/", field + "a\r\n")) == [431])
  }

  @Test func aRequestMayHave100FieldsAndNotOneMore() {
    let fields = String(repeating: "X: a\r\n", count: 99)
    #expect(status(Self.head("/", fields)) == [200, 200])
    #expect(status(Self.head("/", fields + "X: a\r\n")) == [431])
  }

  @Test func aHeadMayHave64KBAndNotOneByteMore() {
    let line = "X: " + String(repeating: "a", count: 8_000) + "\r\n"
    let seven = String(repeating: line, count: 8)
    let rest = 65_536 - Self.head("/", seven).utf8.count - 5
    #expect(status(Self.head("/", seven + "X: " + String(repeating: "a", count: rest) + "\r\n")) == [200, 200])
    #expect(status(Self.head("/", seven + "X: " + String(repeating: "a", count: rest + 1) + "\r\n")) == [431])
  }

  @Test func emptyLinesCountAsHead() {
    #expect(status(String(repeating: "\r\n", count: 40_000)) == [431])
  }

  @Test func aLineWithoutEndIsRefusedAsSoonAsItIsTooLong() {
    #expect(status("GET /" + String(repeating: "a", count: 9_000)) == [414])
  }

  @Test func aBodyAboveTheLimitIsRefusedWithoutBeingRead() {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 4
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
    #expect(serve(post + "4\r\n\r\nabcd", configuration: configuration).map(\.status) == [200])
    #expect(serve(post + "5\r\n\r\nabcde", configuration: configuration).map(\.status) == [413])
    configuration.limits.body = 0
    #expect(serve(post + "5\r\n\r\nabcde", configuration: configuration).map(\.status) == [200])
  }

  @Test func aHugeContentLengthTakesNoMemory() {
    var configuration = HTTPConfiguration()
    configuration.limits.body = 0
    let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\nabc"
    #expect(serve(text, configuration: configuration).map(\.status) == [400])
  }

  @Test func limitsOfAnySizeDoNotTrap() {
    var configuration = HTTPConfiguration()
    for size in [Int.min, -1, 0, 1, Int.max] {
      configuration.limits.head = size
      configuration.limits.requestLine = size
      configuration.limits.fieldLine = size
      configuration.limits.fields = size
      configuration.limits.body = size
      _ = serve(Self.head(), configuration: configuration)
    }
  }

  @Test func aHeadSentByteByByteCostsTimeInProportionToItsLength() {
    var configuration = HTTPConfiguration()
    configuration.limits.head = 1_000_000
    configuration.limits.fieldLine = 1_000_000
    func seconds(_ length: Int) -> Double {
      let head = Array(Self.head("/", "X: " + String(repeating: "a", count: length) + "\r\n").utf8)
      return processorSeconds {
        #expect(serve(.pieces(head, seed: nil), configuration: configuration).map(\.status) == [200])
      }
    }
    // Eight times the length: 8 times the time when it is linear, 64 times when it is quadratic.
    #expect(seconds(80_000) < 30 * seconds(10_000))
  }
}
