import Foundation
import GreenPostgres
import SuiteSupport
import Testing

private enum Role: String, PostgresValue { case reader, editor }

@Suite(.bounded) struct ValueTests {
  private func same<Value: PostgresValue & Equatable>(_ value: Value, _ type: String, _ db: Postgres) throws {
    let returned = try db.value("select \(value)::\(raw: type)", as: Value.self)
    #expect(returned == value, "\(type)")
    let array = try db.value("select \([value, value])::\(raw: type)[]", as: [Value].self)
    #expect(array == [value, value], "\(type)[]")
  }

  @Test func valuesComeBackAsTheyWent() throws {
    try withDatabase { db in
      for value in [0, 1, -1, Int.max, Int.min] { try same(value, "bigint", db) }
      for value in [Int32.max, Int32.min] { try same(value, "integer", db) }
      for value in [Int16.max, Int16.min] { try same(value, "smallint", db) }
      for value in [UInt64.max, 0] { try same(value, "numeric", db) }
      for value in [0.1, -1e300, Double.leastNonzeroMagnitude, Double.infinity] { try same(value, "float8", db) }
      try same(Float(0.1), "real", db)
      for value in [true, false] { try same(value, "boolean", db) }
      for value in ["", "a", "ä€🙂", "a'b\"c\\d", "{,}", "NULL", " ", "\t\n\r"] { try same(value, "text", db) }
      try same(UUID(), "uuid", db)
      try same(Role.editor, "text", db)
      for value in [[UInt8](0...255), []] {
        let returned = try db.value("select \(value)", as: [UInt8].self)
        #expect(returned == value)
      }
      let data = try db.value("select \([Data([0, 1]), Data()])::bytea[]", as: [Data].self)
      #expect(data == [Data([0, 1]), Data()])
    }
  }

  @Test func notANumberIsOne() throws {
    try withDatabase { db in
      let value = try db.value("select \(Double.nan)", as: Double.self)
      #expect(value?.isNaN == true)
    }
  }

  @Test func momentsAreKeptToTheMicrosecondInAnyZone() throws {
    try withDatabase { db in
      let moments = [
        0, -0.000001, 1_795_000_000.123456, -62_135_596_800, -62_200_000_000, 951_782_400, 253_402_300_800,
      ]
      for zone in ["UTC", "Asia/Kolkata", "America/St_Johns", "Africa/Monrovia"] {
        try db.withConnection { connection in
          try connection.execute("set timezone to \(identifier: zone)")
          for moment in moments {
            let date = Date(timeIntervalSince1970: moment)
            let seconds = try connection.value("select extract(epoch from \(date))::text", as: String.self)
            #expect(abs(Double(seconds!)! - moment) < 1e-6, "\(zone)")
            let returned = try connection.value("select \(date)", as: Date.self)
            #expect(abs(returned!.timeIntervalSince1970 - moment) < 1e-5, "\(zone) \(moment)")
          }
        }
      }
      let day = try db.value("select date '2026-11-30'", as: Date.self)
      #expect(day?.timeIntervalSince1970 == 1_795_996_800)
      let end = try db.value("select \(Date.distantFuture)", as: Date.self)
      #expect(end == .distantFuture)
      let infinite = try db.value("select timestamptz '-infinity'", as: Date.self)
      #expect(infinite?.timeIntervalSince1970 == -.infinity)
    }
  }

  @Test func otherDateStylesAreSetRight() throws {
    try withDatabase { db in
      let server = try db.value("select current_setting('unix_socket_directories')", as: String.self)!
      let port = try db.value("select current_setting('port')", as: String.self)!
      let other = try Postgres(
        "host=\(server) port=\(port) user=postgres dbname=postgres options='-c datestyle=German'")
      defer { other.close() }
      let day = try other.value("select date '2026-11-30'", as: Date.self)
      #expect(day?.timeIntervalSince1970 == 1_795_996_800)
    }
  }

  @Test func nullIsNil() throws {
    try withDatabase { db in
      let none = try db.value("select \(nil as Int?)", as: Int.self)
      #expect(none == nil)
      let rows = try db.rows("select \(nil as String?)::text, 1", String?.self, Int?.self)
      #expect(rows.count == 1 && rows[0].0 == nil && rows[0].1 == 1)
      let array = try db.value("select array[1, null]", as: [Int?].self)
      #expect(array == [1, nil])
      #expect(throws: PostgresDecodingError.self) { try db.rows("select null::int", Int.self) }
    }
  }

  @Test func whatDoesNotFitIsAnErrorThatNamesTheColumn() throws {
    try withDatabase { db in
      let wrong: [(SQL, any PostgresValue.Type)] = [
        ("select 70000 as a", Int16.self), ("select 'x' as a", Int.self), ("select 1 as a", Bool.self),
        ("select 'x' as a", UUID.self), ("select 'x' as a", Date.self), ("select 'other' as a", Role.self),
        ("select '1.5'::numeric as a", Int.self), ("select '{{1},{2}}'::int[] as a", [Int].self),
        ("select '-' as a", Int.self),
      ]
      for (sql, type) in wrong {
        func check<Value: PostgresValue>(_ type: Value.Type) {
          let error = #expect(throws: PostgresDecodingError.self) { try db.rows(sql, type) }
          #expect(error?.column == "a")
        }
        check(type)
      }
    }
  }

  @Test func nulCharactersAreRefusedAndNothingIsSent() throws {
    try withDatabase { db in
      try db.execute("create table t (a text)")
      #expect(throws: PostgresUsageError.nul) { try db.execute("insert into t values (\("a\0b"))") }
      #expect(throws: PostgresUsageError.nul) { try db.execute("insert into t values ('a\0b')") }
      let count = try db.value("select count(*) from t", as: Int.self)
      #expect(count == 0)
    }
  }

  @Test func aHugeValueGoesAndComes() throws {
    try withDatabase { db in
      let bytes = [UInt8](repeating: 0xAB, count: 40 << 20)
      let returned = try db.value("select \(bytes)", as: [UInt8].self)
      #expect(returned == bytes)
    }
  }
}
