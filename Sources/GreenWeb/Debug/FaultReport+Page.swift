internal import Green
internal import GreenHTTP
internal import HTTPTypes

extension FaultReport {
  /// The answer to the request: a page for a browser, words for a terminal. It runs nothing, and is kept by nobody.
  var response: Response {
    let isForBrowser = request.header(.accept)?.contains("text/html") ?? false
    return Response(
      status: .internalServerError, contentType: "text/\(isForBrowser ? "html" : "plain"); charset=utf-8",
      headers: [
        .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      ],
      body: .string(isForBrowser ? page.text : text))
  }

  /// How many calls are shown with their code.
  private static let mostExcerpts = 40

  private var page: HTML {
    let excerpts = frames.enumerated().map { index, frame in
      index < Self.mostExcerpts ? frame.file.flatMap { SourceExcerpt(of: $0, line: frame.line) } : nil
    }
    // The first with code is the one to look at.
    let first = excerpts.firstIndex { $0 != nil }
    let calls = zip(frames, excerpts).enumerated().map { index, call in
      Self.call(call.0, call.1, isOpen: index == first)
    }
    let fields = fields.map { field -> HTML in "<tr><th>\(field.name)</th><td>\(field.value)</td></tr>" }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>\(title)</title><style>\(Self.style)</style></head><body>
      <h1>\(title)</h1>
      <p class="message">\(message)</p>
      <p>\(request.method.rawValue) <code>\(request.target)</code>, route <code>\(request.route ?? "none")</code>, \
      request <code>\(request.id)</code></p>
      <h2>\(isOfThrow ? "Where it was thrown" : "Where it was found")</h2>
      \(calls)
      <h2>Request</h2>
      <table><tr><th>client</th><td>\(request.client)</td></tr>\(fields)</table>
      <p class="note">Shown because the server runs with --debug, to this machine alone.</p>
      </body></html>

      """
  }

  private static func call(_ frame: FiberBacktrace.Frame, _ excerpt: SourceExcerpt?, isOpen: Bool) -> HTML {
    let place = frame.file.map { "\($0):\(frame.line)" } ?? frame.image
    let name = frame.function ?? "unknown"
    guard let excerpt else { return "<div class=\"call\">\(name)<small>\(place)</small></div>\n" }
    let lines = excerpt.lines.map { line -> HTML in
      let number = String(line.number)
      let space = String(repeating: " ", count: max(0, 5 - number.count))
      return line.isMarked ? "<mark>\(space)\(number)  \(line.text)</mark>\n" : "\(space)\(number)  \(line.text)\n"
    }
    let state = isOpen ? HTML(" open") : HTML("")
    return "<details\(state)><summary>\(name)<small>\(place)</small></summary><pre>\(lines)</pre></details>\n"
  }

  private static let style: HTML = """
    body { font: 16px/1.4 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em }
    h1 { margin-bottom: 0 } .message { color: #a00; font-size: 1.2em; white-space: pre-wrap }
    small { color: #666; display: block; font-size: 0.8em; word-break: break-all } .note { color: #666 }
    summary, .call { padding: 0.3em 0; word-break: break-word } .call { padding-left: 1.1em }
    pre { background: #f6f6f6; margin: 0; overflow-x: auto; padding: 0.6em } mark { background: #fdd; display: inline-block; min-width: 100% }
    th { padding-right: 1em; text-align: left; vertical-align: top } td { word-break: break-all }
    """
}
