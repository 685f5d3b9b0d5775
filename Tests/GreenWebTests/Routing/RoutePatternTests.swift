import Foundation
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

  /// What is wrong with handlers that take such parameters; `nil` where nothing is.
  private func problem(
    _ text: String, _ inputs: [any PathValue.Type], own: Int? = nil, host: String? = nil
  ) throws -> String? {
    let pattern = try RoutePattern.parse(text).get()
    let host = try host.map { try HostPattern.parse($0).get() }
    switch pattern.typed(inputs, own: own ?? pattern.parameters.count, host: host) {
    case .success: return nil
    case .failure(let problem): return problem.description
    }
  }

  @Test func whatTheHandlerTakesIsWhatThePatternSays() throws {
    #expect(try problem("/n/{id:int}", [Int.self]) == nil)
    #expect(try problem("/n/{id:int}/{name:string}/{at:uuid}", [Int.self, String.self, UUID.self]) == nil)
    #expect(
      try problem("/n/{id:int}", [String.self])
        == "the handler of '/n/{id:int}' takes 'id' as String, which the pattern says is Int")
    #expect(
      try problem("/n/{name}/{at:uuid}", [Int.self, Double.self])
        == "the handler of '/n/{name}/{at:uuid}' takes 'at' as Double, which the pattern says is UUID")
  }

  @Test func allParametersAreTakenOrNone() throws {
    let rest = ": all are taken, or none"
    #expect(try problem("/a/{x}/{y}", []) == nil)
    #expect(
      try problem("/a/{x}/{y}", [Int.self])
        == "the handler of '/a/{x}/{y}' takes 1 parameters of the path, which has 2\(rest)")
    #expect(
      try problem("/a/{x}", [Int.self, Int.self])
        == "the handler of '/a/{x}' takes 2 parameters of the path, which has 1\(rest)")
    #expect(
      try problem("/a", [Int.self]) == "the handler of '/a' takes 1 parameters of the path, which has 0\(rest)")
    // Those of a blueprint's prefix may be left out, and those of a host.
    #expect(try problem("/{team}/n/{id}", [Int.self], own: 1) == nil)
    #expect(try problem("/{team}/n/{id}", [String.self, Int.self], own: 1) == nil)
    #expect(try problem("/n/{id}", [String.self, Int.self], host: "{tenant}.example.com") == nil)
    #expect(
      try problem("/n/{id}", [String.self, String.self, Int.self], host: "{tenant}.example.com")
        == "the handler of '/n/{id}' takes 3 parameters of the path, which has 1, and its host 1\(rest)")
  }

  @Test func aParameterOfTheHostHasANameOfItsOwn() throws {
    #expect(
      try problem("/{tenant}", [], host: "{tenant}.example.com")
        == "the route '/{tenant}' has a parameter 'tenant', and so has its host '{tenant}.example.com'")
  }

  @Test(arguments: ["/v1/items:batch", "/a*b", "/<", "/a<b>c", "/users/{id}"])
  func whatIsNoParameterAnywhereIsALiteral(pattern: String) {
    #expect((try? RoutePattern.parse(pattern).get()) != nil)
  }
}
