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
          try connection.execute("select pg_sleep(121)")
        }
      }
      // No other test sleeps for as long.
      while try active("pg_sleep(121)", db) == 0 { try Fiber.sleep(for: .milliseconds(5)) }
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      let now = try rows()
      #expect(now == [])
      let sleeping = try active("pg_sleep(121)", db)
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
              try connection.execute("select pg_sleep(122)")
            }
          }
          while try active("pg_sleep(122)", db) == 0 { try await Task.sleep(for: .milliseconds(5)) }
          task.cancel()
          await #expect(throws: CancellationError.self) { try await task.value }
        }
        let now = try rows()
        #expect(now == [])
      }
    }
  }

  /// Two rows of each that did not fail.
  private var wholeOnes: [Int] { (0..<20).filter { $0.isMultiple(of: 2) }.flatMap { [2 * $0, 2 * $0 + 1] } }

  @Test func tasksOfAnActorHaveTheirsOneAfterTheOther() async throws {
    actor Accounts {
      let connection: PostgresConnection

      init(_ connection: PostgresConnection) { self.connection = connection }

      func add(_ number: Int) async throws {
        try await connection.transaction { connection in
          try connection.execute("insert into t values (\(2 * number))")
          await Task.yield()
          try await connection.transaction { inner in
            try inner.execute("insert into t values (\(2 * number + 1))")
            await Task.yield()
          }
          if !number.isMultiple(of: 2) { throw Broken() }
        }
      }
    }
    let expected = wholeOnes
    try await aside {
      try withTable { db, rows in
        try Fiber.await {
          try await db.withConnection { connection in
            let accounts = Accounts(connection)
            await withTaskGroup(of: Void.self) { group in
              for number in 0..<20 { group.addTask { try? await accounts.add(number) } }
            }
          }
        }
        let now = try rows()
        #expect(now == expected)
      }
    }
  }

  @Test func fibersOfOneConnectionHaveTheirsOneAfterTheOther() throws {
    try withTable { db, rows in
      try db.withConnection { connection in
        let fibers = (0..<20).map { number in
          Fiber.spawn {
            try connection.transaction { connection in
              try connection.execute("insert into t values (\(2 * number))")
              Fiber.yield()
              // A task that is begun inside is inside.
              try Fiber.await {
                try await connection.transaction { inner in
                  await Task.yield()
                  try inner.execute("insert into t values (\(2 * number + 1))")
                }
              }
              if !number.isMultiple(of: 2) { throw Broken() }
            }
          }
        }
        for fiber in fibers { try? fiber.value }
      }
      let now = try rows()
      #expect(now == wholeOnes)
    }
  }

  @Test func whoIsCancelledWhileItIsCommittedHearsWhatHasComeOfIt() throws {
    try withTable { db, rows in
      // The commit itself waits for a lock.
      try db.execute(
        """
        create function patient() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(4711); return null; end $$
        """)
      try db.execute(
        """
        create constraint trigger patient after insert on t deferrable initially deferred
        for each row execute function patient()
        """)
      try db.withConnection { holder in
        try holder.execute("select pg_advisory_lock(4711)")
        let id = Promise<Int32>()
        let fiber = Fiber.spawn {
          try db.transaction { connection -> Void in
            try connection.execute("insert into t values (1)")
            id.fulfil(try connection.value("select pg_backend_pid()", as: Int32.self)!)
          }
        }
        let session = try id.value
        var isCommitting = false
        while !isCommitting {
          let count = try holder.value(
            "select count(*) from pg_stat_activity where pid = \(session) and state = 'active' and query = 'commit'",
            as: Int.self)
          isCommitting = count == 1
        }
        fiber.cancel()
        for _ in 0..<3 { Fiber.yield() }
        try holder.execute("select pg_advisory_unlock(4711)")
        try fiber.value
      }
      let now = try rows()
      #expect(now == [1])
    }
  }

  @Test func whatIsCancelledBeforeItIsCommittedIsUndoneAndTheConnectionGoesOn() throws {
    try withTable { db, rows in
      let written = Event()
      let fiber = Fiber.spawn {
        try db.transaction { connection -> Void in
          try connection.execute("insert into t values (1)")
          written.set()
          try? Fiber.sleep(for: .seconds(1000))
        }
      }
      try written.wait()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      let open = db.pool.statistics.open
      #expect(open == 1)
      let now = try rows()
      #expect(now == [])
    }
  }
}
