internal import GreenHTTP
package import HTTPTypes

/// What is known of a route: for documents that are made of an application.
package struct RouteDescription: Sendable {
  package let method: HTTPRequest.Method
  /// The hosts that it is for, as they were written; `nil` for any.
  package let host: String?
  /// The names of the parameters of the host.
  package let hostParameters: [String]
  /// The whole pattern, with the prefixes of blueprints.
  package let path: String
  package let parameters: [Parameter]
  package let inputs: [InputSource]
  package let output: OutputSource
  package let name: String?
  package let documentation: RouteDocumentation?

  /// A parameter of the path.
  package struct Parameter: Sendable {
    package let name: String
    package let type: any PathValue.Type
    package let isRest: Bool
  }
}

extension App {
  /// All routes, in the order in which they were added.
  package var routeDescriptions: [RouteDescription] {
    routes.all.map { entry in
      // The first may be parameters of its host.
      let types = entry.record.pathInputs.suffix(entry.pattern.parameters.count)
      let first = entry.pattern.parameters.count - types.count
      let settings = entry.record.settings
      return RouteDescription(
        method: entry.method, host: entry.host?.text, hostParameters: entry.host?.parameters ?? [],
        path: entry.pattern.text,
        parameters: entry.pattern.parameters.enumerated().map { place, parameter in
          let type = place >= first ? types[types.startIndex + place - first] : parameter.written ?? String.self
          return RouteDescription.Parameter(name: parameter.name, type: type, isRest: parameter.isRest)
        },
        inputs: entry.record.inputs, output: entry.record.output, name: settings.name,
        documentation: settings.documentation)
    }
  }
}
