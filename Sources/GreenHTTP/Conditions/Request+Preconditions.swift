internal import HTTPTypes

extension Request {
  /// Looks at `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`, in the order of RFC 9110, 13.2.2.
  ///
  /// ```swift
  /// app.put("/notes/{id}") { request in
  ///   let note = try notes.find(request.parameters.require("id", as: Int.self))
  ///   guard request.precondition(entityTag: EntityTag(note.version)) == .holds else { throw HTTPError(.preconditionFailed) }
  ///   …
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - entityTag: of the state as it is.
  ///   - lastModified: when it came to be, in seconds since 1970.
  ///   - exists: whether there is one; `If-None-Match: *` asks that there be none.
  public func precondition(
    entityTag: EntityTag? = nil, lastModified: Int64? = nil, exists: Bool = true
  ) -> Precondition {
    let state = Validators(entityTag: entityTag, lastModified: lastModified)
    let isRead = method == .get || method == .head
    if let field = header(.ifMatch) {
      if !(exists && state.isMatched(by: field)) { return .failed }
    } else if let field = header(.ifUnmodifiedSince), state.isModified(since: field) == true {
      return .failed
    }
    if let field = header(.ifNoneMatch) {
      if exists && state.isNamed(by: field) { return isRead ? .notModified : .failed }
    } else if isRead, let field = header(.ifModifiedSince), state.isModified(since: field) == false {
      return .notModified
    }
    return .holds
  }
}
