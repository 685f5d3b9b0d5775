extension RoutePattern {
  /// The pattern with the types that a route's handler takes, each the last parameters' in order. What a handler takes must be
  /// what its pattern says.
  ///
  /// - Parameter own: how many parameters the route has without the prefixes of blueprints.
  func typed(_ inputs: [any PathValue.Type], own: Int) -> Result<RoutePattern, Problem> {
    if inputs.isEmpty { return .success(self) }
    func problem(_ what: String) -> Result<RoutePattern, Problem> { .failure(Problem(description: what)) }
    guard (own...max(own, parameters.count)).contains(inputs.count) else {
      return problem(
        "the handler of '\(text)' takes \(inputs.count) parameters of the path, which has \(parameters.count): all are taken, or none"
      )
    }
    var typed = self
    for (place, type) in zip(parameters.indices.suffix(inputs.count), inputs) {
      let parameter = parameters[place]
      if let written = parameter.written, written != type {
        return problem(
          "the handler of '\(text)' takes '\(parameter.name)' as \(type), which the pattern says is \(written)")
      }
      typed.parameters[place].check = ParameterCheck(type)
    }
    return .success(typed)
  }
}
