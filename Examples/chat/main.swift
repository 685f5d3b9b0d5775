import Glibc
import GreenRedis
import GreenWebSocket
import Greenfinch

// A chat over all workers: what is said goes by Redis, and so does who is there.

let app = App()
let redis = try Redis(app.config.get("REDIS_URL", default: "redis://127.0.0.1:6379"))
let rooms = Rooms(over: RedisRelay(redis))
let presence = RedisPresence(redis, prefix: "chat:presence:")
let folder = try app.config.get("FOLDER", default: "Examples/chat")

app.use(SecurityHeaders(contentSecurityPolicy: "default-src 'self'; connect-src 'self'; frame-ancestors 'none'"))
app.files("/static", from: FileFolder("\(folder)/static"))
app.get("/") { _ in File("\(folder)/static/chat.html") }
app.get("/rooms/{room}") { (_, _: String) in File("\(folder)/static/chat.html") }
app.onWorkerStop { _ in redis.close() }

/// Who comes into a room: `?name=Eve`.
struct Visitor: Decodable, Sendable, Validated {
  var name: String

  func validate(_ check: inout Validation) { check("name", name, .count(1...40)) }
}

app.webSocket("/rooms/{room}/socket") { (_, socket, room: String, visitor: Query<Visitor>) in
  try Conversation(socket, room: room, name: visitor.name).run()
}

app.run()
