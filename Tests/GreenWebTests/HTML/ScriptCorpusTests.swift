import GreenWeb
import SuiteSupport
import Testing

/// What people have put into pages to have a script run there: none of it is markup after it was put into `HTML`.
@Suite(.bounded) struct ScriptCorpusTests {
  /// After OWASP's cheat sheet on the evasion of filters, the HTML5 Security Cheatsheet, and polyglots that were published.
  private static let texts = [
    #"<script>alert(1)</script>"#, #"<SCRIPT SRC=//x.example/x.js></SCRIPT>"#, #"<img src=x onerror=alert(1)>"#,
    #""><img src=x onerror=alert(1)>"#, #"' onmouseover='alert(1)"#, #"" onfocus="alert(1)" autofocus x=""#,
    #"<svg/onload=alert(1)>"#, #"<svg><script>alert&#40;1)</script>"#, #"<iframe src=javascript:alert(1)>"#,
    #"<body onload=alert(1)>"#, #"<a href="javascript:alert(1)">x</a>"#,
    #"<math><mi xlink:href="data:x,<script>alert(1)</script>">"#,
    #"</textarea><script>alert(1)</script>"#, #"</title><script>alert(1)</script>"#,
    #"<!--<img src="--><img src=x onerror=alert(1)//">"#,
    #"<style>@import'//x.example';</style>"#, #"<link rel=stylesheet href=//x.example>"#,
    #"<meta http-equiv=refresh content=0;url=javascript:x>"#,
    #"<base href=//x.example/>"#, #"<form action=//x.example><input name=password>"#,
    #"<button formaction=javascript:x>"#,
    #"<details open ontoggle=alert(1)>"#, #"<template><script>alert(1)</script></template>"#,
    #"<object data=//x.example>"#,
    #"<embed src=//x.example>"#, #"<video><source onerror=alert(1)>"#, #"<marquee onstart=alert(1)>"#,
    #"<x onclick=alert(1)>"#,
    #"&lt;script&gt;alert(1)&lt;/script&gt;"#, #"&#60;script&#62;"#, #"\u003cscript\u003e"#, #"%3Cscript%3E"#,
    #"+ADw-script+AD4-"#,
    "<scr\u{0}ipt>alert(1)</scr\u{0}ipt>", "\u{feff}<script>", "<\u{2028}script>", "＜script＞", "<script\u{b}>",
    "<img\tsrc=x\u{c}onerror=x>",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
    #"{{constructor.constructor('alert(1)')()}}"#, #"${alert(1)}"#, #"<%= 1 %>"#, #"`onload=`"#, #"]]><script>"#,
    #"<![CDATA[<script>]]>"#,
    #"<?xml-stylesheet href="javascript:x"?>"#, #"<noscript><p title="</noscript><img src=x onerror=x>">"#,
    #"'"--></style></script><script>x</script>"#,
  ]

  @Test(arguments: texts)
  func noneOfItIsMarkup(text: String) {
    let page: HTML = "<p title=\"\(text)\" class='\(text)'>\(text)</p>"
    // What delimits elements and attributes is there as often as it was written, and each & begins a reference of five.
    #expect(page.text.count { $0 == "<" } == 2 && page.text.count { $0 == ">" } == 2)
    #expect(page.text.count { $0 == "\"" } == 2 && page.text.count { $0 == "'" } == 2)
    for reference in page.text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      #expect(["amp;", "lt;", "gt;", "#34;", "#39;"].contains { reference.hasPrefix($0) })
    }
  }

  @Test(arguments: texts)
  func noneOfItIsAnAddressThatRuns(text: String) {
    let page: HTML = "<a href=\"\(url: text)\">x</a>"
    let address = page.text.dropFirst(#"<a href=""#.count).dropLast("\">x</a>".count)
    #expect(!address.contains { "<>\"'".contains($0) })
    #expect(!address.lowercased().hasPrefix("javascript:") && !address.lowercased().hasPrefix("data:"))
  }
}
