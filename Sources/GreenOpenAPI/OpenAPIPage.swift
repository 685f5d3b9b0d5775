internal import GreenHTTP
internal import GreenWeb

/// The document as a page for people: without scripts, and without anything of other sites.
enum OpenAPIPage {
  static func page(_ document: JSON, at path: String) -> HTML {
    let title = document["info"]?["title"]?.string ?? ""
    let version = document["info"]?["version"]?.string ?? ""
    var operations: [HTML] = []
    for (path, item) in document["paths"]?.members ?? [] {
      for (method, operation) in item.members { operations.append(section(method, path, operation)) }
    }
    let schemas = (document["components"]?["schemas"]?.members ?? []).map { name, schema -> HTML in
      "<details id=\"schema-\(name)\"><summary>\(name)</summary><pre>\(schema.prettyText)</pre></details>"
    }
    return """
      <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>\(title)</title>
      <style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
      code,pre{background:#f2f2f2;padding:.1em .3em}pre{padding:1em;overflow:auto}b{display:inline-block;min-width:5em}</style>
      <h1>\(title) <small>\(version)</small></h1>
      <p>\(document["info"]?["description"]?.string)</p>
      <p><a href="\(url: path)">The document</a></p>
      \(operations)
      <h2>Schemas</h2>\(schemas)
      </html>
      """
  }

  private static func section(_ method: String, _ path: String, _ operation: JSON) -> HTML {
    let rows = (operation["parameters"]?.elements ?? []).map { parameter -> HTML in
      """
      <li><code>\(parameter["name"]?.string)</code> in \(parameter["in"]?.string)\
      \(parameter["required"] == true ? ", required" : "") <code>\(parameter["schema"]?.text)</code></li>
      """
    }
    let body: HTML =
      operation["requestBody"].map {
        "<p>Body: <code>\($0["content"]?["application/json"]?["schema"]?.text)</code></p>"
      }
      ?? ""
    return """
      <section><h2><b>\(method.uppercased())</b> <code>\(path)</code></h2>
      <p>\(operation["summary"]?.string)</p><p>\(operation["description"]?.string)</p>
      <ul>\(rows)</ul>\(body)</section>
      """
  }
}

extension JSON {
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  fileprivate var members: [(key: String, value: JSON)] {
    guard case .object(let members) = self else { return [] }
    return members.sorted { $0.key < $1.key }
  }

  /// As text, with its keys in order.
  var text: String {
    (try? Response.json(self).body.withBytes { String(decoding: $0, as: UTF8.self) }) ?? ""
  }

  /// As text for people.
  fileprivate var prettyText: String { pretty("") }

  private func pretty(_ indent: String) -> String {
    let inner = indent + "  "
    switch self {
    case .object(let members) where !members.isEmpty:
      let lines = self.members.map { "\(inner)\(JSON.string($0.key).text): \($0.value.pretty(inner))" }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    case .array(let elements) where !elements.isEmpty:
      return "[\n\(elements.map { inner + $0.pretty(inner) }.joined(separator: ",\n"))\n\(indent)]"
    default: return text
    }
  }
}
