internal import GreenHTTP
internal import GreenWeb
internal import HTTPTypes

/// What an application's interface is: OpenAPI 3.1, made of the signatures of its handlers.
///
/// Parameters of the path, of the query and of bodies are those that handlers take by their types; the schemas of these
/// are found by decoding them from nothing, see ``SchemaProviding``. Handlers that ask the request itself are listed
/// with what their routes say.
///
/// ```swift
/// let document = app.openAPI(title: "Notes", version: "1.0")
/// app.serveOpenAPI(title: "Notes", version: "1.0")   // at /openapi.json, and a page at /docs
/// ```
struct OpenAPIDocument {
  private let book: SchemaBook
  /// The schemas of queries and forms, whose fields have the names that types say.
  private let fields: SchemaBook
  private let title: String
  private let version: String
  private let description: String

  init(title: String, version: String, description: String, json: JSONOptions) {
    book = SchemaBook(json)
    fields = json.keys == .asWritten && json.dates == .iso8601 ? book : SchemaBook()
    self.title = title
    self.version = version
    self.description = description
  }

  func json(of app: App) -> JSON {
    var paths: [String: JSON] = [:]
    let routes = app.routeDescriptions
    var identifiers = OperationIdentifiers(routes)
    for route in routes where !(route.documentation?.isHidden ?? false) {
      // OpenAPI has these methods only.
      let known: [HTTPRequest.Method] = [.get, .put, .post, .delete, .options, .head, .patch, .trace]
      guard known.contains(route.method) else { continue }
      let path = Self.path(route)
      var item: [String: JSON] = [:]
      if case .object(let members) = paths[path] { item = members }
      // Of routes that differ in types or hosts alone the first is told.
      let method = route.method.rawValue.lowercased()
      if item[method] == nil { item[method] = operation(route, identifiers.next(for: route)) }
      paths[path] = .object(item)
    }
    var info: [String: JSON] = ["title": .string(title), "version": .string(version)]
    if !description.isEmpty { info["description"] = .string(description) }
    var document: [String: JSON] = ["openapi": "3.1.0", "info": .object(info), "paths": .object(paths)]
    if !book.named.isEmpty { document["components"] = ["schemas": .object(book.named)] }
    return .object(document)
  }

  /// OpenAPI knows neither types in a path nor one that takes the rest of it.
  private static func path(_ route: RouteDescription) -> String {
    route.path.split(separator: "/", omittingEmptySubsequences: false).map { part in
      guard part.first == "{" else { return String(part) }
      return "{\(part.dropFirst().prefix { $0 != ":" && $0 != "." && $0 != "}" })}"
    }.joined(separator: "/")
  }

  private func operation(_ route: RouteDescription, _ identifier: String?) -> JSON {
    var members: [String: JSON] = [:]
    if let documentation = route.documentation {
      if !documentation.summary.isEmpty { members["summary"] = .string(documentation.summary) }
      if !documentation.description.isEmpty { members["description"] = .string(documentation.description) }
      if !documentation.tags.isEmpty { members["tags"] = .array(documentation.tags.map { .string($0) }) }
    }
    if let identifier { members["operationId"] = .string(identifier) }
    if let server = server(route) { members["servers"] = [server] }
    let parameters = pathParameters(route) + queryParameters(route)
    if !parameters.isEmpty { members["parameters"] = .array(parameters) }
    if let body = requestBody(route) { members["requestBody"] = body }
    members["responses"] = responses(route)
    return .object(members)
  }

  /// The hosts of a route, where it is for some alone.
  private func server(_ route: RouteDescription) -> JSON? {
    guard var host = route.host else { return nil }
    host = host.replacing("...}", with: "}")
    var names = route.hostParameters
    if host.hasPrefix("*") {
      host = "{host}" + host.dropFirst()
      names.append("host")
    }
    var server: [String: JSON] = ["url": .string("//" + host)]
    // A variable must have a value to begin with (4.8.6).
    let variables = names.map { ($0, ["default": .string($0)] as JSON) }
    if !variables.isEmpty { server["variables"] = .object(Dictionary(variables) { first, _ in first }) }
    return .object(server)
  }

  // MARK: What goes in

  private func pathParameters(_ route: RouteDescription) -> [JSON] {
    route.parameters.map { parameter in
      ["name": .string(parameter.name), "in": "path", "required": true, "schema": schema(of: parameter.type)]
    }
  }

  private func schema(of type: any PathValue.Type) -> JSON {
    (type as? any Decodable.Type).map { book.schema(of: $0) } ?? PathChoice.schema(of: type) ?? ["type": "string"]
  }

  private func queryParameters(_ route: RouteDescription) -> [JSON] {
    route.inputs.flatMap { input -> [JSON] in
      guard case .query(let type) = input else { return [] }
      let schema = resolved(fields.schema(of: type))
      guard case .object(let properties) = schema["properties"] else { return [] }
      var required: [JSON] = []
      if case .array(let names) = schema["required"] { required = names }
      return properties.sorted { $0.key < $1.key }.map { name, schema in
        let isRequired = required.contains(.string(name))
        var members: [String: JSON] = [
          "name": .string(name), "in": "query", "required": .bool(isRequired), "schema": schema,
        ]
        // A form's field that nobody has filled in is sent without a value, and is as one that is not there.
        if !isRequired { members["allowEmptyValue"] = true }
        return .object(members)
      }
    }
  }

  /// What a reference refers to.
  private func resolved(_ schema: JSON) -> JSON {
    guard case .string(let reference) = schema["$ref"], let name = reference.split(separator: "/").last else {
      return schema
    }
    return fields.named[String(name)] ?? schema
  }

  private func requestBody(_ route: RouteDescription) -> JSON? {
    for case .body(let type) in route.inputs {
      let content: JSON = ["schema": book.schema(of: type)]
      let form: JSON = fields === book ? content : ["schema": resolved(fields.schema(of: type))]
      return [
        "required": true,
        "content": ["application/json": content, "application/x-www-form-urlencoded": form],
      ]
    }
    return nil
  }

  // MARK: What comes out

  private func responses(_ route: RouteDescription) -> JSON {
    let status = route.documentation?.status ?? .ok
    var answer: [String: JSON] = ["description": .string(status.reasonPhrase)]
    if status != .noContent, let (type, schema) = content(route.output) {
      answer["content"] = .object([type: schema.map { ["schema": $0] } ?? [:]])
    }
    var responses: [String: JSON] = ["\(status.code)": .object(answer)]
    for error in errors(of: route) { responses["\(error.code)"] = ["description": .string(error.reasonPhrase)] }
    if Self.isChecked(route) {
      responses["422"] = [
        "description": "Fields are missing or wrong",
        "content": ["application/json": ["schema": book.schema(of: InvalidInput.self)]],
      ]
    }
    return .object(responses)
  }

  /// What the route says, and what follows from its inputs.
  private func errors(of route: RouteDescription) -> [HTTPResponse.Status] {
    var errors = route.documentation?.errors ?? []
    // A parameter that is not of its type is another path.
    if !route.parameters.isEmpty { errors += [.badRequest, .notFound] }
    let hasBody = route.inputs.contains { if case .body = $0 { true } else { false } }
    if hasBody { errors += [.badRequest, .contentTooLarge, .unsupportedMediaType] }
    return errors
  }

  private static func isChecked(_ route: RouteDescription) -> Bool {
    route.inputs.contains { input in
      switch input {
      case .query, .body: true
      default: false
      }
    }
  }

  /// The media type and the schema of what a handler returns; `nil` where its type does not say.
  private func content(_ output: OutputSource) -> (type: String, schema: JSON?)? {
    switch output {
    case .json(let type): return ("application/json", (type as? any Decodable.Type).map { book.schema(of: $0) })
    case .convertible(let type):
      if type == HTML.self || type == HTML?.self { return ("text/html", ["type": "string"]) }
      if type == String.self || type == Substring.self || type == String?.self {
        return ("text/plain", ["type": "string"])
      }
      guard let type = type as? any DocumentedResult.Type else { return nil }
      return ("application/json", (type.documentedType as? any Decodable.Type).map { book.schema(of: $0) })
    }
  }
}

/// The choices of an enumeration that a path may have.
private enum PathChoice {
  static func schema(of type: any PathValue.Type) -> JSON? {
    (type as? any (PathValue & CaseIterable).Type).map { choices($0) }
  }

  private static func choices<Value: PathValue & CaseIterable>(_ type: Value.Type) -> JSON {
    ["type": "string", "enum": .array(type.allCases.map { .string($0.pathValue) })]
  }
}
