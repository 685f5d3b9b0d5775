import CHiredis
import Connections
import Glibc
import Greenfinch

// hiredis' blocking API.
//
// REDIS_HOST=127.0.0.1 REDIS_PORT=6379 swift run redis -k green --worker-connections 200

final class Redis {
  private let context: UnsafeMutablePointer<redisContext>

  init(host: String, port: Int32) throws {
    guard let context = redisConnect(host, port) else { throw ConnectionError("out of memory") }
    self.context = context
    guard context.pointee.err == 0 else { throw ConnectionError(failure) }
  }

  deinit { redisFree(context) }

  /// Takes the first of a list, or waits for one: `nil` when there was none in time.
  func pop(_ list: String, seconds: Double) throws -> String? {
    let words = ["BLPOP", list, "\(seconds)"].map { (word: String) in strdup(word) }
    defer { words.forEach { free($0) } }
    var pointers = words.map { UnsafePointer($0) }
    guard let answer = redisCommandArgv(context, CInt(words.count), &pointers, nil) else {
      throw ConnectionError(failure)
    }
    defer { freeReplyObject(answer) }
    let reply = answer.assumingMemoryBound(to: redisReply.self).pointee
    switch reply.type {
    case REDIS_REPLY_NIL: return nil
    case REDIS_REPLY_ARRAY where reply.elements == 2: return String(cString: reply.element[1]!.pointee.str)
    default: throw ConnectionError(reply.str)
    }
  }

  private var failure: String {
    withUnsafeBytes(of: context.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

let host = setting("REDIS_HOST", default: "127.0.0.1")
let port = Int32(setting("REDIS_PORT", default: "6379")) ?? 6379
let pool = Pool { try Redis(host: host, port: port) }
let app = App()

app.get("/") { _ in try pool.with { try $0.pop("orders", seconds: 0.5) } ?? "nothing" }

app.run()
