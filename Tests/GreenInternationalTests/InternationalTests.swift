import Foundation
import GreenHTTP
import GreenInternational
import GreenWeb
import HTTPTypes
import SuiteSupport
import Testing

private let german = #"""
  # A translator's comment.
  msgid ""
  msgstr ""
  "Content-Type: text/plain; charset=UTF-8\n"
  "Plural-Forms: nplurals=2; plural=(n != 1);\n"

  #: main.swift:7
  msgid "Hello, {name}!"
  msgstr "Hallo, {name}!"

  msgid "{count} note"
  msgid_plural "{count} notes"
  msgstr[0] "{count} Notiz"
  msgstr[1] "{count} Notizen"

  msgctxt "month"
  msgid "May"
  msgstr "Mai"

  msgctxt "verb"
  msgid "May"
  msgstr "Darf"

  msgid ""
  "Two "
  "lines\n"
  msgstr ""
  "Zwei \"Zeilen\"\\"
  "\n"

  #, fuzzy, c-format
  msgid "unsure"
  msgstr "unsicher"

  msgid "empty"
  msgstr ""

  #~ msgid "gone"
  #~ msgstr "weg"
  """#

@Suite(.bounded) struct CatalogueTests {
  private func translator(_ text: String = german) throws -> Translator {
    Catalogues(["de": try Catalogue(po: text)], standard: "en").translator("de")
  }

  @Test func textsAreTranslated() throws {
    let say = try translator()
    #expect(say("Hello, {name}!", ["name": "Ada {count}"]) == "Hallo, Ada {count}!")
    #expect(say("May", context: "month") == "Mai" && say("May", context: "verb") == "Darf" && say("May") == "May")
    #expect(say("Two lines\n") == "Zwei \"Zeilen\"\\\n")
    #expect(say.language == "de")
  }

  @Test func whatIsNotTranslatedIsSaidAsItIs() throws {
    let say = try translator()
    for text in ["unsure", "empty", "gone", "never seen", ""] { #expect(say(text) == text) }
    #expect(say("Hi, {name}", ["name": "Ada"]) == "Hi, Ada" && say("Hi, {name}") == "Hi, {name}")
    #expect(
      say("one {count}", "many {count}", count: 1) == "one 1"
        && say("one {count}", "many {count}", count: 0) == "many 0")
    #expect(say("a { b {} {c d} {") == "a { b {} {c d} {")
  }

  @Test func numbersHaveTheirForms() throws {
    let say = try translator()
    #expect(say("{count} note", "{count} notes", count: 1) == "1 Notiz")
    #expect(
      [0, 2, -2].map { say("{count} note", "{count} notes", count: $0) } == ["0 Notizen", "2 Notizen", "-2 Notizen"])
  }

  @Test func lineEndsOfAnyKindAreTaken() throws {
    let say = try translator(german.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
    #expect(say("Two lines\n") == "Zwei \"Zeilen\"\\\n")
  }

  @Test func marksThatCombineHideNeitherQuotesNorPlaces() throws {
    for mark in ["\u{301}", "\u{200c}", "\u{2028}"] {
      let say = try translator("\u{feff}msgid \"\(mark){count}\(mark)\"\nmsgstr \"\(mark)\\n{count}\(mark)\"")
      #expect(say("\(mark){count}\(mark)", ["count": "7"]) == "\(mark)\n7\(mark)")
      #expect(say("{\(mark)a} {a}\(mark)", ["a": "b"]) == "{\(mark)a} b\(mark)")
    }
  }

  @Test(arguments: [
    ("msgid \"a\"", ":1: a text has no msgstr"), ("msgstr \"a\"", ":1: 'msgstr' must follow msgid"),
    ("msgid \"a\"\nmsgid \"b\"", ":2: the text before it has no msgstr"), ("\"a\"", ":1: a text must follow"),
    ("msgid a", ":1: a text must stand in quotes"), ("msgid \"a\" b\"\nmsgstr \"\"", ":1: a quote in a text"),
    ("msgid \"\\q\"\nmsgstr \"\"", ":1: '\\q' is not known"), ("what \"a\"", ":1: 'what' is none of"),
    ("msgid \"a\"\nmsgstr[99] \"b\"", ":2: 'msgstr[99]' is none of"),
    ("msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"c\"", ":1: 'a' has 1 forms, and the language 2"),
    ("msgid \"a\"\nmsgstr \"{b}\"", ":1: the translation of 'a' has {b}"),
    ("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"c\"", ":3: 'a' is there twice"),
    ("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-1\\n\"", ":1: its charset is iso-8859-1"),
    ("msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=m\\n\"", "Plural-Forms: "),
  ])
  func whatIsWrongIsToldWithItsPlace(_ text: String, _ message: String) {
    let error = #expect(throws: CatalogueError.self) { try Catalogue(po: text, name: "de.po") }
    #expect(error?.description.hasPrefix("de.po") == true && error?.description.contains(message) == true, "\(error!)")
  }

  @Test func aFolderOfCataloguesIsRead() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/locale-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try german.write(toFile: folder + "/de.po", atomically: true, encoding: .utf8)
    try "msgid \"a\"\nmsgstr \"b\"".write(toFile: folder + "/pt_BR.po", atomically: true, encoding: .utf8)
    try "nothing".write(toFile: folder + "/README", atomically: true, encoding: .utf8)
    let catalogues = try Catalogues(folder: folder, standard: "en")
    #expect(catalogues.languages == ["en", "de", "pt-BR"])
    #expect(catalogues.translator("pt-BR")("a") == "b" && catalogues.translator("fr")("a") == "a")
    #expect(throws: CatalogueError.self) { try Catalogues(folder: folder + "/none", standard: "en") }
    try Data([0x22, 0xff]).write(to: URL(fileURLWithPath: folder + "/fr.po"))
    let error = #expect(throws: CatalogueError.self) { try Catalogues(folder: folder, standard: "en") }
    #expect(error?.description.hasSuffix("fr.po' is not UTF-8") == true)
  }

  @Test func aPageIsInTheLanguageOfItsReader() throws {
    let catalogues = Catalogues(["de": try Catalogue(po: german)], standard: "en")
    let app = App()
    app.get("/") { request -> HTML in
      "<p>\(catalogues.translator(for: request)("Hello, {name}!", ["name": "<Ada>"]))</p>"
    }
    func ask(_ languages: String?) throws -> String {
      var fields = HTTPFields()
      fields[.acceptLanguage] = languages
      return app.respond(to: try Request(.get, "/", headers: fields)).body.withBytes {
        String(decoding: $0, as: UTF8.self)
      } ?? ""
    }
    #expect(try ask("de-CH,de;q=0.9,en;q=0.5") == "<p>Hallo, &lt;Ada&gt;!</p>")
    for other in [nil, "", "fr", "en,de;q=0.9", "de;q=0"] as [String?] {
      #expect(try ask(other) == "<p>Hello, &lt;Ada&gt;!</p>", "\(other ?? "-")")
    }
  }
}

@Suite(.bounded) struct PluralRuleTests {
  /// Rules of gettext's manual ("Plural forms"), with numbers of each form.
  @Test(
    arguments: [
      ("nplurals=1; plural=0;", [[0, 1, 2, 100]]),
      ("nplurals=2; plural=n>1;", [[0, 1], [2, 3, 100]]),
      ("nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2;", [[1, 21, 101], [2, 10, 11], [0]]),
      (
        "nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;",
        [[1, 21, 31], [2, 3, 4, 22, 104], [0, 5, 11, 12, 14, 111, 112]]
      ),
      (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
        [[0], [1], [2], [3, 10, 103], [11, 99, 111], [100, 102, 200]]
      ),
      (
        "nplurals=4; plural=(n==1 || n==11) ? 0 : (n==2 || n==12) ? 1 : (n > 2 && n < 20) ? 2 : 3",
        [[1, 11], [2, 12], [3, 19], [20, 0]]
      ),
    ] as [(String, [[Int]])])
  func rulesAreThoseOfTheManual(_ text: String, _ forms: [[Int]]) throws {
    let rule = try PluralRule(text)
    #expect(rule.count == forms.count)
    for (form, numbers) in forms.enumerated() {
      for number in numbers { #expect(rule.form(for: number) == form, "\(number)") }
    }
  }

  @Test func signsBindAsInC() throws {
    func value(_ text: String, _ number: Int) throws -> Int {
      try PluralRule("nplurals=16; plural=\(text)").form(for: number)
    }
    #expect(
      try value("1+2*3", 0) == 7 && value("(1+2)*3", 0) == 9 && value("10-2-3", 0) == 5 && value("!n+!!n", 5) == 1)
    #expect(try value("n/0", 5) == 0 && value("n%0", 5) == 0 && value("n==1||n==2&&0", 2) == 0)
    // What is out of range is the first form.
    #expect(try value("0-1", 0) == 0 && value("n*n", .max) == 1 && value("n", .min) == 0)
  }

  @Test(arguments: [
    "", "nplurals=2", "plural=n", "nplurals=0; plural=0", "nplurals=99; plural=0", "nplurals=x; plural=0",
    "nplurals=2; plural=",
    "nplurals=2; plural=n n", "nplurals=2; plural=(n", "nplurals=2; plural=n?1", "nplurals=2; plural=n=1",
    "nplurals=2; plural=m",
    "nplurals=2; plural=99999999999999999999", "nplurals=2; plural=" + String(repeating: "(", count: 400),
    "nplurals=2; plural=" + String(repeating: "!", count: 400) + "n",
    "nplurals=2; plural=" + String(repeating: "n+", count: 4000) + "n",
  ])
  func whatIsNotARuleIsRefused(_ text: String) { #expect(throws: CatalogueError.self) { try PluralRule(text) } }
}

@Suite(.bounded) struct AcceptedLanguagesTests {
  private func best(_ field: String) -> String? {
    AcceptedLanguages(field).best(of: ["en", "de", "pt-BR", "zh-Hant-TW"])
  }

  @Test func theBestIsChosen() {
    #expect(best("de") == "de" && best("DE-ch") == "de" && best("de-CH-1996") == "de")
    #expect(best("fr, de;q=0.5, en;q=0.7") == "en" && best("fr;q=0.9, pt") == "pt-BR" && best("pt-PT") == "pt-BR")
    #expect(best("zh-Hant-TW-x") == "zh-Hant-TW" && best("zh") == "zh-Hant-TW")
    #expect(best("*") == "en" && best("fr, *;q=0.1") == "en" && best("fr") == nil && best("") == nil)
    #expect(best("en;q=0, *") == "de" && best("de;q=0, de-CH") == nil)
    let swiss = ["de-CH", "de-AT", "en"]
    #expect(AcceptedLanguages("de;q=0, *").best(of: swiss) == "en")
    #expect(AcceptedLanguages("de;q=0, de-AT;q=0.1, *;q=0.5").best(of: swiss) == "de-AT")
    #expect(AcceptedLanguages("de-CH;q=0, de").best(of: swiss) == "de-AT")
    #expect(AcceptedLanguages("fr\u{301}, \u{301}en, de-AT").best(of: swiss) == "de-AT")
    #expect(AcceptedLanguages("a;q=0.1, b, c;q=0.5, d").ranges == ["b", "d", "c", "a"])
  }

  @Test(arguments: [",,,", ";q=1", "de_DE", "de;q=x", "de;q=2", "de;q=-1", "ä", "d e", "toolongatag", "-", "de-"])
  func whatIsMalformedIsPassedOver(_ field: String) { #expect(best(field) == nil && best("\(field), en") == "en") }

  @Test func nobodyAsksForMoreThanIsLookedAt() {
    #expect(AcceptedLanguages([String](repeating: "de", count: 100_000).joined(separator: ",")).ranges.count <= 50)
  }
}
