import GreenPostgres
import SuiteSupport
import Testing

@Suite(.bounded) struct SQLTests {
  @Test func valuesBecomeParameters() {
    let (id, title) = (7, "a' or '1'='1")
    let sql: SQL = "select * from notes where id = \(id) and title = \(title)"
    #expect(sql.text == "select * from notes where id = $1 and title = $2")
    #expect(sql.values.count == 2 && sql.values[1] as? String == title)
  }

  @Test func namesAreQuoted() {
    let sql: SQL = "select \(identifier: "a\"; drop table b; --") from \(identifier: "Notes")"
    #expect(sql.text == "select \"a\"\"; drop table b; --\" from \"Notes\"")
    // A mark joins the quote before it, or the one after it, so that it is none to Swift; to the server it is.
    for name in ["a\"\u{301} union select 1 --", "a\u{600}\" --", "a\"\u{200d}\"b"] {
      let sql: SQL = "\(identifier: name)"
      let inner = sql.text.unicodeScalars.dropFirst().dropLast()
      #expect(
        inner.split(separator: "\"", omittingEmptySubsequences: false).count == 1 + 2
          * name.unicodeScalars.count { $0 == "\"" })
      #expect(
        String(inner).unicodeScalars.count == name.unicodeScalars.count + name.unicodeScalars.count { $0 == "\"" })
    }
  }

  @Test func statementsAreNumberedOnWhenPutTogether() {
    let condition: SQL = "a = \(1) and b = '$1' and \"$1\" = $tag$ $1 $tag$ and c = \(2) -- $1"
    let sql: SQL = "select \(0) where \(condition)\nand d = \(3)"
    #expect(
      sql.text
        == "select $1 where a = $2 and b = '$1' and \"$1\" = $tag$ $1 $tag$ and c = $3 -- $1\nand d = $4")
    #expect(sql.values.compactMap { $0 as? Int } == [0, 1, 2, 3])
  }

  @Test func textOfStringsAndCommentsIsNoParameter() {
    let parts: [SQL] = [
      "e'\\'$1' || \(1)", "x like'\\' || \(1)", "/* $1 /* $1 */ $1 */ \(1)", "a$1 + \(1)", "$$ $1 $$ || \(1)",
      "'it''s $1' || \(1)",
    ]
    for part in parts {
      let sql: SQL = "\(0), \(part)"
      #expect(sql.text == "$1, " + part.text.dropLast(2) + "$2")
    }
  }

  @Test func rawTextIsTakenAsItIs() {
    let sql: SQL = "select 1 order by \(raw: "1 desc")"
    #expect(sql.text == "select 1 order by 1 desc" && sql.values.isEmpty)
    #expect(SQL(raw: "select $1").text == "select $1")
  }
}
