import Glibc
import Green
import GreenHTTP
import HTTPTypes
import SystemPackage

/// An application whose sources are followed: while they do not build, a browser that asks for a page is shown why, and
/// whoever else asks is answered as before.
struct BuildPage: Application {
  private let application: any Application
  private let path: String

  /// The application as it is where nobody follows its sources.
  static func around(_ application: any Application) -> any Application {
    guard let path = getenv(BuildNotice.variable) else { return application }
    return BuildPage(application: application, path: String(cString: path))
  }

  func respond(to request: Request) throws -> Response {
    guard Self.isForPage(request), let complaints = notice, !complaints.isEmpty else {
      return try application.respond(to: request)
    }
    return Response(
      status: .internalServerError, contentType: "text/html; charset=utf-8", headers: [.cacheControl: "no-store"],
      body: .string(Self.page(complaints)))
  }

  func respond(to request: Request, refusedWith error: HTTPError) throws -> Response {
    try application.respond(to: request, refusedWith: error)
  }

  func bodyLimit(for request: Request) -> Int? { application.bodyLimit(for: request) }

  /// Whether a person is about to look at the answer: a browser says so (Fetch Metadata), or takes HTML before all else.
  private static func isForPage(_ request: Request) -> Bool {
    guard request.method == .get else { return false }
    if let destination = HTTPField.Name("Sec-Fetch-Dest").flatMap({ request.header($0) }) {
      return destination == "document"
    }
    return request.header(.accept)?.hasPrefix("text/html") ?? false
  }

  private var notice: String? {
    guard let bytes = try? contents(of: path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// It asks again every second: soon it is the application's.
  private static func page(_ complaints: String) -> String {
    let text = complaints.pieces(between: "&").joined(separator: "&amp;")
      .pieces(between: "<").joined(separator: "&lt;")
    return """
      <!doctype html><html><head><title>The build failed</title><meta http-equiv="refresh" content="1">\
      <style>body { font: 16px sans-serif; margin: 3em } pre { background: #fdd; padding: 1em; white-space: pre-wrap }</style>\
      </head><body><h1>The build failed</h1><pre>\(text)</pre>\
      <p>Other clients are still served by the program that was built last.</p></body></html>
      """
  }
}
