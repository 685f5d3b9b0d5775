import SuiteSupport
import Testing

@testable import GreenWeb

@Suite(.bounded) struct RoutePatternTests {
  @Test(arguments: [
    ("/users/:id", "write '{id}' for ':id'"), ("/users/<int:id>", "write '{id}' for '<int:id>'"),
    ("/users/<id>/x", "write '{id}' for '<id>'"), ("/files/<path:rest>", "write '{rest...}' for '<path:rest>'"),
    ("/files/*", "write '{name}' for '*'"), ("/files/**", "write '{name...}' for '**'"),
    ("/files/*path", "write '{path...}' for '*path'"), ("/:a-b", "write '{a}' for ':a-b'"),
  ])
  func otherFrameworksParametersAreRefusedWithWhatToWrite(pattern: String, sentence: String) {
    guard case .failure(let problem) = RoutePattern.parse(pattern) else {
      Issue.record("\(pattern) is taken")
      return
    }
    #expect(problem.description == "the route '\(pattern)' is malformed: \(sentence)")
  }

  @Test(arguments: ["/v1/items:batch", "/a*b", "/<", "/a<b>c", "/users/{id}"])
  func whatIsNoParameterAnywhereIsALiteral(pattern: String) {
    #expect((try? RoutePattern.parse(pattern).get()) != nil)
  }
}
