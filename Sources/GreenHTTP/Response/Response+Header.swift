public import HTTPTypes

extension Response {
  /// The response with a field more, in the place of those of that name.
  ///
  /// ```swift
  /// app.use { request, next in try next(request).withHeader(.cacheControl, "no-store") }
  /// ```
  public func withHeader(_ name: HTTPField.Name, _ value: String) -> Response {
    var response = self
    response.headers[name] = value
    return response
  }
}
