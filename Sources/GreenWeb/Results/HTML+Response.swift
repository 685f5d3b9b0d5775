public import GreenHTTP

/// A page, as `text/html; charset=utf-8`.
extension HTML: ResponseConvertible {
  public func response(for request: Request) -> Response {
    Response(contentType: "text/html; charset=utf-8", body: .string(text))
  }
}
