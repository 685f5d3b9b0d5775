import Foundation
import GreenTemplates
import GreenWeb
import GreenWebTesting
import SuiteSupport
import Testing

@Suite(.bounded) struct TemplateTests {
  struct Note: Sendable {
    var title: String
    var tags: [String] = []
    var isDone = false
    var author: Author?
  }
  struct Author: Sendable { var name: String }

  private func filled(_ text: String, _ values: Any = [String: String]()) throws -> String {
    try Templates(["t": text]).html("t", values).text
  }

  // MARK: What is put in

  @Test func valuesAreFoundByTheirNames() throws {
    let note = Note(title: "First", tags: ["a", "b"], author: Author(name: "Eve"))
    #expect(try filled("{{title}} {{author.name}} {{#tags}}<{{.}}>{{/tags}}", note) == "First Eve <a><b>")
    #expect(
      try filled(
        "{{a}}{{b.c}}{{none}}{{#none}}x{{/none}}{{^none}}y{{/none}}", ["a": 1, "b": ["c": 2.5]] as [String: Any])
        == "12.5y")
    #expect(
      try filled("{{#isDone}}done{{/isDone}}{{^isDone}}open{{/isDone}} {{author.name}}.", Note(title: "")) == "open .")
  }

  @Test func whatIsPutInIsEscaped() throws {
    #expect(
      try filled("<p title=\"{{a}}\">{{a}}", ["a": "<b>&\"'"])
        == "<p title=\"&lt;b&gt;&amp;&#34;&#39;\">&lt;b&gt;&amp;&#34;&#39;")
    #expect(try filled("{{{a}}}{{&a}}", ["a": "<b>" as HTML]) == "<b><b>")
    #expect(try filled("{{a}}", ["a": "<b>" as HTML]) == "&lt;b&gt;")
  }

  /// A mark that combines with the character before it makes one character of two.
  @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20DD}", "\u{E0100}", "\u{300}\u{301}"])
  func marksDoNotHideWhatMustBeEscaped(mark: String) throws {
    for byte in ["<", ">", "&", "\"", "'"] {
      let text = try filled("{{a}}", ["a": byte + mark + " onload=x"])
      #expect(text.utf8.filter { $0 == byte.utf8.first }.count == (byte == "&" ? 1 : 0), "\(text)")
      #expect(text.hasPrefix("&"))
    }
    // The same in a section, a block and another template.
    let templates = try Templates([
      "layout": "<i title=\"{{$a}}{{/a}}\">", "part": "{{x}}",
      "page": "{{<layout}}{{$a}}{{#list}}{{>part}}{{x}}{{/list}}{{/a}}{{/layout}}",
    ])
    let text = try templates.html("page", ["list": [["x": "\"" + mark + "on"]]]).text
    #expect(text.utf8.filter { $0 == UInt8(ascii: "\"") }.count == 2, "\(text)")
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "{{{a}}}", "{{>t}}",
    "{{% CONTENT_TYPE:TEXT}}",
    "&lt;", "<\u{0}script>", "\u{2028}<b>",
  ])
  func aValueIsNeverMarkupNorATemplate(value: String) throws {
    let text = try filled("<p a=\"{{a}}\" b='{{a}}'>{{a}}</p>", ["a": value])
    let expected = ("\(value)" as HTML).text
    #expect(text == "<p a=\"\(expected)\" b='\(expected)'>\(expected)</p>")
  }

  // MARK: Layouts

  @Test func aPageFillsTheBlocksOfItsLayout() throws {
    let templates = try Templates([
      "layout": "<title>{{$title}}Notes{{/title}}</title>\n{{$content}}nothing{{/content}}\n{{>foot}}",
      "foot": "<footer>{{year}}</footer>", "page": "{{<layout}}\n{{$content}}<b>{{x}}</b>{{/content}}\n{{/layout}}\n",
      "other": "{{<layout}}{{$title}}Other{{/title}}{{/layout}}",
    ])
    #expect(
      try templates.html("page", ["x": "1&", "year": "2026"]).text
        == "<title>Notes</title>\n<b>1&amp;</b>\n<footer>2026</footer>")
    #expect(try templates.html("other").text == "<title>Other</title>\nnothing\n<footer></footer>")
    #expect(templates.names == ["foot", "layout", "other", "page"])
  }

  @Test func aTreeIsPutInAsHTML() throws {
    struct Branch { var name: String, branches: [Branch] }
    func html(_ branch: Branch) -> HTML {
      "\(branch.name)(\(branch.branches.map(html)))"
    }
    let tree = Branch(
      name: "<a>",
      branches: [Branch(name: "b", branches: []), Branch(name: "c", branches: [Branch(name: "d", branches: [])])])
    #expect(try filled("[{{{tree}}}]", ["tree": html(tree)]) == "[&lt;a&gt;(b()c(d()))]")
  }

  // MARK: Faults

  @Test(arguments: [
    ("a\n{{#x}}\nb", "t:3: a section is not ended"),
    ("{{#x}}{{/y}}", "t:1: a section is ended by another name than it began with"),
    ("a\nb\n{{x", "t:3: a tag is not ended"), ("a\n{{>none}}", "t:2: there is no template 'none'"),
    ("{{<none}}{{/none}}", "t:1: there is no template 'none'"),
    ("{{>t}}", "t:1: 't' has itself in it, which may have no end: t > t"),
    ("x\n{{=<% %>=}}\n<%>t%>", "t:2: '{{=' is not for templates here: tags are in '{{' and '}}'"),
    ("{{>none}}{{= | | =}}", "t:1: '{{=' is not for templates here: tags are in '{{' and '}}'"),
    ("a\n{{>*x}}", "t:2: '{{>*' is not for templates here: which template it is must be known beforehand"),
    ("{{> * x}}", "t:1: '{{>*' is not for templates here: which template it is must be known beforehand"),
    (
      "{{#y}}\n{{<\n*x}}{{/*x}}{{/y}}",
      "t:2: '{{<*' is not for templates here: which template it is must be known beforehand"
    ),
    // Over lines.
    ("a\n{{>\nnone\n}}\n", "t:2: there is no template 'none'"),
    ("\r\n{{#x}}\r\n{{>\r\nt}}{{/x}}", "t:3: 't' has itself in it, which may have no end: t > t"),
    ("{{! {{= and {{>* }}{{{x}}}{{>none}}", "t:1: there is no template 'none'"),
    (
      "x\n{{% CONTENT_TYPE:TEXT}}\n{{x}}",
      "t:2: '{{%' is not for templates here: what is put into one is escaped, unless its name ends in '.txt'"
    ),
  ])
  func wrongOnesAreToldWithTheirLine(text: String, sentence: String) {
    do {
      _ = try Templates(["t": text])
      Issue.record("taken")
    } catch {
      #expect("\(error)" == sentence)
    }
  }

  @Test func ringsAreFound() {
    func sentence(_ texts: [String: String]) -> String {
      do { _ = try Templates(texts) } catch { return "\(error)" }
      return "taken"
    }
    let end = "has itself in it, which may have no end:"
    #expect(sentence(["a": "{{>b}}", "b": "x{{>c}}", "c": "\n{{>a}}"]) == "c:2: 'a' \(end) a > b > c > a")
    #expect(sentence(["a": "{{<b}}{{/b}}", "b": "{{>a}}"]) == "b:1: 'a' \(end) a > b > a")
    // Where a branch has no branches of its own, its parent's are taken.
    #expect(
      sentence(["tree": "{{name}}{{#branches}}{{>tree}}{{/branches}}"]) == "tree:1: 'tree' \(end) tree > tree")
    #expect(sentence(["a": "{{#x}}{{>b}}{{/x}}", "b": "{{>a}}"]) == "b:1: 'a' \(end) a > b > a")
    #expect(sentence(["t": "{{$b}}{{>t}}{{/b}}"]) == "t:1: 't' \(end) t > t")
    #expect(
      sentence(["l": "{{$content}}{{/content}}", "page": "{{<l}}{{$content}}{{>page}}{{/content}}{{/l}}"])
        .hasPrefix("page:1: 'page' \(end) page > "))
    #expect(sentence(["x": "{{>a}}", "a": "{{>b}}", "b": "{{>a}}"]).contains("a > b > a"))
  }

  /// What fills a block fills all of its name below, those in the filling too.
  @Test func blocksThatAreFilledWithThemselvesAreFound() throws {
    let layout = "{{$x}}{{/x}}{{$y}}{{/y}}"
    for page in [
      "{{<layout}}{{$x}}({{$x}}{{/x}}){{/x}}{{/layout}}", "{{<layout}}{{$x}}{{>part}}{{/x}}{{/layout}}",
      "{{<layout}}{{$x}}{{<layout}}{{$x}}{{/x}}{{/layout}}{{/x}}{{/layout}}",
      "{{<layout}}{{$x}}{{$y}}{{/y}}{{/x}}{{$y}}{{#v}}{{$x}}{{/x}}{{/v}}{{/y}}{{/layout}}",
    ] {
      #expect {
        try Templates(["layout": layout, "page": page, "part": "{{#v}}{{$x}}{{/x}}{{/v}}"])
      } throws: {
        "\($0)".contains("has itself in it, which may have no end:") && "\($0)".contains("{{$x}} > ")
      }
    }
    // Each block of its own page.
    let templates = try Templates([
      "layout": layout, "frame": "[{{$x}}{{/x}}]", "card": "<{{$y}}{{/y}}>",
      "one": "{{<frame}}{{$x}}{{<card}}{{$y}}1{{/y}}{{/card}}{{/x}}{{/frame}}",
      "two": "{{<card}}{{$y}}{{<frame}}{{$x}}2{{/x}}{{/frame}}{{/y}}{{/card}}",
      "three": "{{<layout}}{{$x}}{{>frame2}}{{/x}}{{$y}}{{>frame2}}{{/y}}{{/layout}}", "frame2": "{{>four}}{{>four}}",
      "four": "4",
    ])
    #expect(try templates.html("one").text == "[<1>]" && templates.html("two").text == "<[2]>")
    #expect(try templates.html("three").text == "4444")
  }

  @Test func anUnknownNameIsToldWithThoseThatAreKnown() throws {
    let templates = try Templates(["a": "", "b/c": ""])
    #expect { try templates.html("x") } throws: { "\($0)" == "there is no template 'x': there are a, b/c" }
  }

  @Test func textsAreNoPages() throws {
    let templates = try Templates(["mail.txt": "Dear {{name}}", "page": "{{name}}"])
    #expect(try templates.text("mail.txt", ["name": "A & B"]) == "Dear A & B")
    #expect(throws: TemplateError.self) { try templates.html("mail.txt") }
    #expect(throws: TemplateError.self) { try templates.text("page") }
    #expect { try Templates(["mail.txt": "", "page": "a\n{{>mail.txt}}"]) } throws: {
      "\($0)".hasPrefix("page:2: 'mail.txt' is text")
    }
    // Nor by way of a value, of others' delimiters or over lines.
    for page in ["{{>*name}}", "{{<*name}}{{/*name}}", "{{=<% %>=}}<%>mail.txt%>", "{{>\nmail.txt\n}}"] {
      #expect(throws: TemplateError.self) { try Templates(["mail.txt": "{{a}}", "page": page]) }
    }
    // A text may have texts and pages in it.
    let texts = try Templates(["mail.txt": "{{a}} {{>foot.txt}} {{>page}}", "foot.txt": "{{a}}", "page": "{{a}}"])
    #expect(try texts.text("mail.txt", ["a": "&"]) == "& & &amp;")
  }

  // MARK: Files

  private func withFolder(_ body: (String, (String, String) throws -> Void) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("templates-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try body(folder) { name, text in
      let path = folder + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  @Test func filesAreCalledByTheirPaths() throws {
    try withFolder { folder, write in
      try write("layout.mustache", "[{{$x}}{{/x}}]")
      try write("notes/list.html.mustache", "{{<layout}}{{$x}}{{a}}{{/x}}{{/layout}}")
      try write("mail/welcome.txt.mustache", "Hello")
      try write(".hidden.mustache", "{{")
      try write("README.md", "{{")
      try write(".mustache", "{{")
      let templates = try Templates(folder: folder + "/")
      #expect(templates.names == ["layout", "mail/welcome.txt", "notes/list"])
      #expect(try templates.html("notes/list", ["a": "<"]).text == "[&lt;]")
      #expect(try templates.text("mail/welcome.txt") == "Hello")
    }
  }

  @Test func theyAreReadAgainWhenTheyChange() throws {
    try withFolder { folder, write in
      try write("page.mustache", "one {{>part}}")
      try write("part.mustache", "1")
      let templates = try Templates(folder: folder, reload: .always)
      let fixed = try Templates(folder: folder, reload: .never)
      #expect(try templates.html("page").text == "one 1")
      try write("part.mustache", "22")
      #expect(try templates.html("page").text == "one 22" && fixed.html("page").text == "one 1")
      try write("new.mustache", "new")
      #expect(try templates.html("new").text == "new" && fixed.names == ["page", "part"])
      // One that is wrong is told until it is right.
      try write("part.mustache", "a\n{{#x}}")
      for _ in 0..<2 {
        #expect { try templates.html("page") } throws: {
          "\($0)" == "\(folder)/part.mustache:2: a section is not ended"
        }
      }
      try write("part.mustache", "333")
      #expect(try templates.html("page").text == "one 333")
      try FileManager.default.removeItem(atPath: folder + "/new.mustache")
      #expect(throws: TemplateError.self) { try templates.html("new") }
    }
  }

  @Test func inDevelopmentTheyAreReadAgain() throws {
    try withFolder { folder, write in
      try write("page.mustache", "one")
      let templates = try Templates(folder: folder)
      let app = App()
      app.get("/") { _ in try templates.html("page") }
      #expect(try app.testClient().get("/").text == "one")
      app.showFaults()
      try write("page.mustache", "another")
      #expect(try app.testClient().get("/").text == "another")
    }
  }

  @Test func whatCannotBeReadIsTold() throws {
    try withFolder { folder, write in
      #expect { try Templates(folder: folder + "/none") } throws: { "\($0)".contains("cannot be read: No such file") }
      try FileManager.default.createSymbolicLink(atPath: folder + "/round", withDestinationPath: folder)
      #expect { try Templates(folder: folder) } throws: { "\($0)".contains("16 deep") }
      try FileManager.default.removeItem(atPath: folder + "/round")
      try Data([0x61, 0xff]).write(to: URL(fileURLWithPath: folder + "/page.mustache"))
      #expect { try Templates(folder: folder) } throws: { "\($0)".hasSuffix("is not UTF-8") }
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/page.mustache"))
      defer { try? file.close() }
      try file.truncate(atOffset: (16 << 20) + 1)
      #expect { try Templates(folder: folder) } throws: {
        "\($0)" == "'\(folder)/page.mustache' cannot be read: File too large"
      }
    }
  }

  @Test func manyFillThemAtOnce() async throws {
    let templates = try Templates(["t": "{{#list}}{{.}},{{/list}}"])
    try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<50 {
        group.addTask { try templates.html("t", ["list": [number, number + 1]]).text }
      }
      var found: Set<String> = []
      for try await text in group { found.insert(text) }
      #expect(found.count == 50)
    }
  }
}
