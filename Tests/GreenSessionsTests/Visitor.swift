import GreenHTTP
import GreenWeb
import HTTPTypes

/// A browser, as far as cookies go.
final class Visitor {
  let app: App
  var cookies: [String: String] = [:]
  var headers: HTTPFields = [:]
  init(_ app: App) { self.app = app }

  func ask(_ target: String, _ method: String = "GET", form: String? = nil, headers extra: HTTPFields = [:]) throws
    -> Response
  {
    var fields = headers
    for field in extra { fields.append(field) }
    if !cookies.isEmpty {
      fields[.cookie] = cookies.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "; ")
    }
    let body = Array((form ?? "").utf8)
    if form != nil {
      fields[.contentType] = "application/x-www-form-urlencoded"
      fields[.contentLength] = "\(body.count)"
    }
    let response = app.respond(to: try Request(HTTPRequest.Method(method)!, target, headers: fields, body: body))
    for cookie in response.headers[values: .setCookie] {
      let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
    }
    return response
  }

  func text(_ target: String) throws -> String { try ask(target).text }
}

extension Response {
  var text: String { body.withBytes { String(decoding: $0, as: UTF8.self) } ?? "a stream" }
}

let secrets = (0..<3).map { "\($0)-0123456789abcdefghijklmnopqrstuvwxyz" }
