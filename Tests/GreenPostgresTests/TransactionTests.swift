import Green
import GreenPostgres
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct TransactionTests {
  private func withTable(_ body: @escaping (Postgres, () throws -> [Int]) throws -> Void) throws {
    try withDatabase { db in
      try db.execute("create table t (a int primary key deferrable initially deferred)")
      try body(db) { try db.query("select a from t order by a", as: Int.self) }
    }
  }

  @Test func itIsCommittedWhenItsBodyReturnsAndUndoneWhenItThrows() throws {
    try withTable { db, rows in
      let value = try db.transaction { connection in
        try connection.execute("insert into t values (1)")
        return 5
      }
      #expect(value == 5)
      #expect(throws: Broken()) {
        try db.transaction { connection in
          try connection.execute("insert into t values (2)")
          throw Broken()
        }
      }
      var now = try rows()
      #expect(now == [1])
      // What fails only at the end.
      let error = #expect(throws: PostgresError.self) {
        try db.transaction { try $0.execute("insert into t values (1)") }
      }
      #expect(error?.state == .uniqueViolation)
      now = try rows()
      #expect(now == [1])
      #expect(db.pool.statistics.open == 1)
    }
  }

  @Test func oneInsideIsUndoneAlone() throws {
    try withTable { db, rows in
      try db.transaction { connection in
        try connection.execute("insert into t values (1)")
        for number in 2...3 {
          #expect(throws: Broken()) {
            try connection.transaction { inner in
              try inner.execute("insert into t values (\(number))")
              try inner.transaction { try $0.execute("insert into t values (\(10 * number))") }
              throw Broken()
            }
          }
        }
        _ = try? connection.transaction { try $0.execute("select 1 / 0") }
        try connection.transaction { try $0.execute("insert into t values (4)") }
      }
      let now = try rows()
      #expect(now == [1, 4])
    }
  }

  @Test func oneInWhichAStatementFailedIsNotSaidToBeCommitted() throws {
    try withTable { db, rows in
      #expect(throws: PostgresTransactionError.self) {
        try db.transaction { connection in
          try connection.execute("insert into t values (1)")
          _ = try? connection.execute("select 1 / 0")
        }
      }
      let now = try rows()
      #expect(now == [])
    }
  }

  @Test func cancellingUndoesIt() throws {
    try withTable { db, rows in
      let fiber = Fiber.spawn {
        try db.transaction { connection in
          try connection.execute("insert into t values (1)")
          try connection.execute("select pg_sleep(60)")
        }
      }
      while try active("pg_sleep(60)", db) == 0 { try Fiber.sleep(for: .milliseconds(5)) }
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      let now = try rows()
      #expect(now == [])
      let sleeping = try active("pg_sleep(60)", db)
      #expect(sleeping == 0)
    }
  }

  @Test func aTransactionThatWasLeftOpenIsNotTheNextOnes() throws {
    try withDatabase(connections: 1) { db in
      try db.execute("create table t (a int)")
      try db.withConnection { connection in
        try connection.execute("begin")
        try connection.execute("insert into t values (1)")
      }
      let count = try db.value("select count(*) from t", as: Int.self)
      #expect(count == 0)
    }
  }

  @Test func isolationIsAsAskedFor() throws {
    try withDatabase { db in
      for level in TransactionIsolation.allCases {
        let now = try db.transaction(isolation: level) {
          try $0.value("select current_setting('transaction_isolation')", as: String.self)
        }
        #expect(now == level.rawValue)
      }
    }
  }

  @Test func asyncBodiesAreTheSame() async throws {
    try await aside {
      try withTable { db, rows in
        try Fiber.await {
          try await db.transaction { connection in
            try connection.execute("insert into t values (1)")
            try await Task.sleep(for: .milliseconds(1))
            try await connection.transaction { inner in
              await Task.yield()
              try inner.execute("insert into t values (2)")
            }
            try? await connection.transaction { inner in
              try inner.execute("insert into t values (3)")
              await Task.yield()
              throw Broken()
            }
          }
          await #expect(throws: Broken()) {
            try await db.transaction { connection in
              try connection.execute("insert into t values (4)")
              await Task.yield()
              throw Broken()
            }
          }
        }
        let now = try rows()
        #expect(now == [1, 2])
      }
    }
  }

  @Test func cancellingATaskUndoesIt() async throws {
    try await aside {
      try withTable { db, rows in
        try Fiber.await {
          let task = Task {
            try await db.transaction { connection in
              try connection.execute("insert into t values (1)")
              await Task.yield()
              try connection.execute("select pg_sleep(60)")
            }
          }
          while try active("pg_sleep(60)", db) == 0 { try await Task.sleep(for: .milliseconds(5)) }
          task.cancel()
          await #expect(throws: CancellationError.self) { try await task.value }
        }
        let now = try rows()
        #expect(now == [])
      }
    }
  }
}
