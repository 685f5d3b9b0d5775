extension RoutePattern {
  /// The pattern with the types that a route's handler takes, each the last parameters' in order. What a handler takes must be
  /// what its pattern says.
  ///
  /// - Parameters:
  ///   - own: how many parameters the route has without the prefixes of blueprints.
  ///   - host: the hosts that the route is for, whose parameters come before those of the path.
  func typed(_ inputs: [any PathValue.Type], own: Int, host: HostPattern?) -> Result<RoutePattern, Problem> {
    func problem(_ what: String) -> Result<RoutePattern, Problem> { .failure(Problem(description: what)) }
    let hostNames = host?.parameters ?? []
    if let name = parameters.map(\.name).first(where: hostNames.contains) {
      return problem("the route '\(text)' has a parameter '\(name)', and so has its host '\(host?.text ?? "")'")
    }
    if inputs.isEmpty { return .success(self) }
    guard (own...max(own, hostNames.count + parameters.count)).contains(inputs.count) else {
      let ofHost = hostNames.isEmpty ? "" : ", and its host \(hostNames.count)"
      return problem(
        "the handler of '\(text)' takes \(inputs.count) parameters of the path, which has \(parameters.count)\(ofHost): all are taken, or none"
      )
    }
    // What the handler takes of the host is looked at when it is taken.
    let inputs = inputs.suffix(parameters.count)
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
