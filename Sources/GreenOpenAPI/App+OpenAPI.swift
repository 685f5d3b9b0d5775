public import GreenWeb

extension App {
  /// The application's interface as a document: OpenAPI 3.1, made of the signatures of its handlers.
  ///
  /// Parameters of the path, the query and the body are those that handlers take by their types; the schemas of these
  /// are found by decoding them from nothing, see ``SchemaProviding``. `documented` of a route says the rest.
  ///
  /// - Parameters:
  ///   - title: what the interface is called.
  ///   - version: which one it is.
  ///   - description: what it is for.
  public func openAPI(title: String, version: String = "1.0.0", description: String = "") -> JSON {
    OpenAPIDocument(title: title, version: version, description: description, json: json).json(of: self)
  }

  /// Serves the document, and a page for people. Routes that are added later are in it too.
  ///
  /// ```swift
  /// app.serveOpenAPI(title: "Notes", version: "1.2")
  /// ```
  ///
  /// With it the program's command line knows the word `openapi`, which writes the document.
  ///
  /// - Parameters:
  ///   - title: what the interface is called.
  ///   - version: which one it is.
  ///   - description: what it is for.
  ///   - document: the path of the document.
  ///   - page: the path of the page; `nil` for none.
  public func serveOpenAPI(
    title: String, version: String = "1.0.0", description: String = "", at document: String = "/openapi.json",
    page: String? = "/docs"
  ) {
    // The application has these routes, and so has them for as long as it lasts.
    get(document) { [weak self] _ -> JSON? in
      self?.openAPI(title: title, version: version, description: description)
    }.documented(isHidden: true)
    if let page {
      get(page) { [weak self] _ -> HTML? in
        (self?.openAPI(title: title, version: version, description: description)).map {
          OpenAPIPage.page($0, at: document)
        }
      }.documented(isHidden: true)
    }
    command("openapi", "Writes the OpenAPI document") { [weak self] _ throws -> Void in
      guard let self else { return }
      print(self.openAPI(title: title, version: version, description: description).text)
    }
  }
}
