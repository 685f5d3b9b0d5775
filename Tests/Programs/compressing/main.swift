import Glibc
import GreenCompression
import GreenHTTP2
import GreenTLS
import Greenfinch

// Compressed answers for the end-to-end tests: each route tries one promise.

let app = App()
app.compress()

struct Item: Encodable {
  let number: Int
  let name: String
  let isEven: Bool
}

@Sendable func lines(_ numbers: Range<Int>) -> String {
  numbers.map { "\($0): what is said twice is shorter the second time, as \($0 &* 7919) is not\n" }.joined()
}

app.get("/pid") { _ in "\(getpid())" }
/// So many lines. From 64 KB on they are compressed while they are sent.
app.get("/text/{lines}") { request -> Response in
  let count = try request.parameters.require("lines", as: Int.self)
  return Response(lines(0..<count))
}
app.get("/json/{items}") { request -> Response in
  let count = try request.parameters.require("items", as: Int.self)
  return try Response.json((0..<count).map { Item(number: $0, name: "item \($0)", isEven: $0 % 2 == 0) })
}
/// A hundred lines in each of so many pieces, made while they are sent.
app.get("/streamed/{pieces}") { request -> Response in
  let count = try request.parameters.require("pieces", as: Int.self)
  return Response(
    contentType: "text/plain; charset=utf-8",
    body: .stream(
      StreamedBody { body in
        for piece in 0..<count { try body.write(lines(100 * piece..<100 * (piece + 1))) }
      }))
}
/// One line, and another when there is a file: for as long as a test wants it to.
app.get("/until/{path...}") { request -> Response in
  let path = "/" + (try request.parameters.require("path", as: String.self))
  return Response(
    contentType: "text/plain; charset=utf-8",
    body: .stream(
      StreamedBody { body in
        try body.write("first\n")
        while access(path, F_OK) != 0 { try Fiber.sleep(for: .milliseconds(5)) }
        try body.write("last\n")
      }))
}
// What is sent as it is.
app.get("/short") { _ in "short" }
app.get("/picture") { _ in Response([UInt8](repeating: 7, count: 10_000), contentType: "image/png") }
app.get("/secret") { _ in Response(lines(0..<100)).withoutCompression() }
app.post("/echo") { request -> Response in
  Response(try request.body.bytes(), contentType: "text/plain; charset=utf-8")
}
/// A body as it has come, and by what its client says that it is coded.
app.post("/as-sent") { request -> Response in
  let coding = request.header(.contentEncoding) ?? "nothing"
  let bytes = try request.body.bytes()
  return Response(
    contentType: "application/octet-stream", headers: [HTTPField.Name("X-Coding")!: coding], body: .bytes(bytes))
}

app.run {
  $0.http2 = .nghttp2
  $0.tls = .openSSL
}
