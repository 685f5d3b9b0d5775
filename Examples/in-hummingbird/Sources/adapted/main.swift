import Connections
import GreenRedirect
import GreenTasks
import Hummingbird
import HummingbirdGreenfinch

// A Hummingbird server, some of whose code blocks: swift run adapted 8080
//
// curl localhost:8080/plain       Hummingbird's own route
// curl localhost:8080/query       libpq, whose calls wait in fibers of one thread: a hundred at once take half a second
// curl localhost:8080/direct      the same calls where Swift's pool runs the handler: as many at once as there are cores
// curl localhost:8080/blocking    what no route matches is answered by a Greenfinch application: see Mounted.swift

let hub = try HubThread()
let url = setting("DATABASE_URL", default: "postgresql://postgres@127.0.0.1:5432/postgres")
let database = Pool { try Database(url) }

let router = Router(context: ConnectionContext.self)
router.get("/plain") { _, _ in "Hello World!" }
router.get("/query") { _, _ in try await hub.run { try database.with { try $0.value(slowQuery) } } }
router.get("/direct") { _, _ in try database.with { try $0.value(slowQuery) } }
router.add(middleware: GreenfinchFallback(GreenfinchResponder(mounted(), on: hub, limits: mountedLimits)))

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
let server = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
try await server.runService()
