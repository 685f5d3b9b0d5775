import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

/// What the server itself answers goes the application's way.
@Suite(.bounded) struct RefusalTests {
  @Test func errorHandlersAnswerWhatTheServerRefuses() throws {
    let app = App()
    app.errorHandler(.contentTooLarge) { error, request in
      Response("too much for \(request.path): \(error.message)", status: error.status)
    }
    app.afterRequest { _, response in
      var response = response
      response.headers[.xContentTypeOptions] = "nosniff"
      return response
    }
    let request = try Request(.post, "/a")
    let answer = app.respond(to: request, refusedWith: HTTPError(.contentTooLarge, "5 bytes"))
    #expect(answer.status == .contentTooLarge && answer.body == .string("too much for /a: 5 bytes"))
    #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    let other = app.respond(to: request, refusedWith: HTTPError(.badRequest, "no"))
    #expect(other.status == .badRequest && other.body == .string("no"))
  }

  @Test func aHandlerThatFailsIsAnswered500() throws {
    struct Oops: Error {}
    let app = App()
    app.errorHandler(.badRequest) { _, _ -> String in throw Oops() }
    let request = try Request(.get, "/a")
    #expect(app.respond(to: request, refusedWith: HTTPError(.badRequest)).status == .internalServerError)
  }
}
