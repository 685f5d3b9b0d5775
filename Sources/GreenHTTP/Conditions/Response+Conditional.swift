internal import HTTPTypes

extension Validators {
  /// The fields that tell them.
  func put(into headers: inout HTTPFields) {
    if let entityTag { headers[.eTag] = entityTag.description }
    if let lastModified { headers[.lastModified] = HTTPDate.text(lastModified) }
  }

  /// The answer to a `GET` or `HEAD` whose conditions do not hold; `nil` where they do. After other methods it is too late to
  /// look at them.
  func answer(to request: Request, _ headers: HTTPFields) -> Response? {
    guard request.method == .get || request.method == .head else { return nil }
    switch request.precondition(entityTag: entityTag, lastModified: lastModified) {
    case .holds: return nil
    case .failed: return Response(HTTPError(.preconditionFailed))
    case .notModified:
      var kept = headers
      // RFC 9110, 15.4.5: what is about content that is not sent is left out.
      for name in [.contentType, .contentEncoding, .contentDisposition, .contentLanguage, .contentRange, .acceptRanges]
        as [HTTPField.Name]
      { kept[name] = nil }
      return Response(status: .notModified, headers: kept)
    }
  }
}

extension Response {
  /// The answer with `ETag` and `Last-Modified`, or what is sent in its place where the client's conditions say so:
  /// `304 (Not Modified)`, `412 (Precondition Failed)` (RFC 9110, 13).
  ///
  /// ```swift
  /// app.get("/notes/{id}") { request in
  ///   let note = try notes.find(request.parameters.require("id", as: Int.self))
  ///   return try Response.json(note).conditional(for: request, entityTag: EntityTag(note.version))
  /// }
  /// ```
  ///
  /// Only an answer with `200` to `GET` or `HEAD` changes. To save the making of one, and before a state is changed,
  /// ``Request/precondition(entityTag:lastModified:exists:)`` is asked first.
  ///
  /// - Parameters:
  ///   - request: what is answered.
  ///   - entityTag: of the state that the answer shows; where it is not given, what `ETag` says.
  ///   - lastModified: when that came to be, in seconds since 1970; where it is not given, what `Last-Modified` says.
  ///   - ranges: whether a part of a body in memory may be asked for: `Range`, RFC 9110, 14. It needs a strong tag to be safe.
  public func conditional(
    for request: Request, entityTag: EntityTag? = nil, lastModified: Int64? = nil, ranges: Bool = false
  ) -> Response {
    guard status == .ok, request.method == .get || request.method == .head else { return self }
    let validators = Validators(
      entityTag: entityTag ?? headers[.eTag].flatMap { EntityTag(field: $0) },
      lastModified: lastModified ?? headers[.lastModified].flatMap { HTTPDate.parse($0, now: Validators.now) })
    if ranges, let whole = inMemory(validators) { return whole.response(for: request) }
    var response = self
    validators.put(into: &response.headers)
    return validators.answer(to: request, response.headers) ?? response
  }

  private func inMemory(_ validators: Validators) -> Representation? {
    guard body.stream == nil, let length = body.count else { return nil }
    let body = body
    return Representation(
      contentType: contentType, headers: headers, validators: validators, length: length, whole: body
    ) { writer, part in
      try body.withBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[part])) }
    }
  }
}
