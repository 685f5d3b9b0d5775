import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

@Suite(.bounded) struct HTMLTests {
  @Test func whatIsPutInIsEscaped() {
    let evil = "<script>alert('x' + \"y\") && z</script>"
    let page: HTML = "<p>\(evil)</p>"
    #expect(page.text == "<p>&lt;script&gt;alert(&#39;x&#39; + &#34;y&#34;) &amp;&amp; z&lt;/script&gt;</p>")
    let part: HTML = "\(evil.prefix(8))\(Character("<"))"
    #expect(part.text == "&lt;script&gt;&lt;")
  }

  @Test func markupStaysMarkup() {
    let item: HTML = "<li>a</li>"
    let page: HTML = "<ul>\(item)\([item, item])</ul>\(HTML(raw: "<hr>"))"
    #expect(page.text == "<ul><li>a</li><li>a</li><li>a</li></ul><hr>")
  }

  @Test func numbersAndNothingAreShown() {
    let (none, some): (String?, String?) = (nil, "<")
    let page: HTML = "\(1) \(-2.5) \(true) \(none)\(some) \(Int?.none)\(["a", "<"])"
    #expect(page.text == "1 -2.5 true &lt; a&lt;")
  }

  @Test(arguments: ["", "plain", "é€😀", "a&b", "&amp;", "\u{0}<", "<<<<", String(repeating: "x<", count: 1_000)])
  func noTextBecomesMarkup(text: String) {
    let page: HTML = "\(text)"
    #expect(!page.text.contains("<") && !page.text.contains("\""))
    let back = page.text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&#34;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    #expect(back == text)
  }

  @Test(arguments: [
    "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "\u{1}javascript:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:x", "data:text/html,<script>", "vbscript:x", "javascript&colon;x:y", "file:///etc/passwd", "blob:x",
    ":x",
  ])
  func addressesThatAreScriptsAreLeftOut(url: String) {
    let page: HTML = "\(url: url)"
    #expect(page.text == "#")
  }

  @Test(arguments: [
    ("/a?b=c&d", "/a?b=c&amp;d"), ("https://a.example/", "https://a.example/"), ("HTTP://a", "HTTP://a"),
    ("mailto:a@b", "mailto:a@b"), ("a/b:c", "a/b:c"), ("?a:b", "?a:b"), ("#a:b", "#a:b"), ("", ""),
    ("//host/a", "//host/a"),
    ("a\"b", "a&#34;b"),
  ])
  func otherAddressesStay(url: String, text: String) {
    let page: HTML = "\(url: url)"
    #expect(page.text == text)
  }

  @Test func aHandlerReturnsAPage() throws {
    let app = App()
    app.get("/{name}") { (_, name: String) -> HTML in "<h1>\(name)</h1>" }
    let response = try app.ask("/%3Cb%3E")
    #expect(response.text == "<h1>&lt;b&gt;</h1>" && response.contentType == "text/html; charset=utf-8")
  }

  @Test func typesSayHowTheyAreShown() {
    struct Money: HTMLConvertible {
      var amount: Int
      func write(to page: inout String) { ("<b>\(amount)</b> €" as HTML).write(to: &page) }
    }
    let page: HTML = "\(Money(amount: 7))\([Money(amount: 8)])"
    #expect(page.text == "<b>7</b> €<b>8</b> €")
  }
}
