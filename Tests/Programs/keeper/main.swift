// A service with a database and jobs: KEEPER_POSTGRES, KEEPER_REDIS and KEEPER_MIGRATIONS say where they are.
import Glibc
import GreenJobs
import GreenPostgres
import GreenRedis
import Greenfinch

func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

let db = try Postgres(variable("KEEPER_POSTGRES"), connections: 2, wait: .milliseconds(300))
let redis = try Redis(variable("KEEPER_REDIS"))
let jobs = JobQueue(redis, name: "keeper")
let note = JobKind<Int>("note")
let failing = JobKind<Int>("failing", attempts: 1)
struct Refused: Error {}
jobs.handle(failing) { _, _ in throw Refused() }
jobs.handle(note) { number, _ in try db.execute("insert into notes values (\(number))") }

let app = App()
app.prepare(migrations: variable("KEEPER_MIGRATIONS")) { try Postgres(variable("KEEPER_POSTGRES"), connections: 40) }
app.serveJobs(jobs, 4)
app.onWorkerStop { _ in db.close() }

app.get("/pid") { _ in "\(getpid())" }
app.get("/count") { _ in "\(try db.value("select count(*) from notes", as: Int.self) ?? 0)" }
app.get("/session") { _ in "\(try db.value("select pg_backend_pid()", as: Int.self) ?? 0)" }
app.get("/nap") { _ in
  try db.execute("select pg_sleep(0.5)")
  return "woke"
}
app.get("/sleep") { _ in
  try db.execute("select pg_sleep(60)")
  return "woke"
}
app.get("/fail") { _ in try jobs.add(failing, 7) }
app.get("/add/{number}") { request in
  try jobs.add(note, try request.parameters.require("number", as: Int.self))
  return "added"
}

app.run()
