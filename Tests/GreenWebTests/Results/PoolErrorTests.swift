import Green
import GreenHTTP
import GreenWeb
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct PoolErrorTests {
  @Test func anExhaustedPoolIsAnsweredWithWhenToComeAgain() throws {
    let app = App()
    app.get("/full") { _ -> String in throw PoolError.exhausted(limit: 3, waited: .seconds(5)) }
    app.get("/nested") { _ -> String in throw PoolError.nested(limit: 3) }
    var answer = try app.ask("/full")
    #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "5")
    answer = try app.ask("/nested")
    #expect(answer.status == .internalServerError)
  }

  @Test func anApplicationMayAnswerItOtherwise() throws {
    let app = App()
    app.get("/full") { _ -> String in throw PoolError.exhausted(limit: 3, waited: .milliseconds(5)) }
    app.errorHandler(PoolError.self) { _, _ in HTTPResponse.Status.tooManyRequests }
    let answer = try app.ask("/full")
    #expect(answer.status == .tooManyRequests)
  }
}
