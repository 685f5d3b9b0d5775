import Glibc
import GreenWebSocket
import Greenfinch

// WebSockets for the end-to-end tests: each route tries one promise.

let app = App()

struct Broken: Error {}

app.webSocket("/echo") { _, socket in
  while let message = try socket.receive() { try socket.send(message) }
}
app.webSocket("/async") { _, socket in
  for try await message in socket { try socket.send(message) }
}
var keeping = WebSocketConfiguration()
keeping.compression = WebSocketCompression(threshold: 0, keepsContext: true)
keeping.maximumMessage = 16 << 20
app.webSocket("/keeping", configuration: keeping) { _, socket in
  while let message = try socket.receive() { try socket.send(message) }
}
app.webSocket("/spoken", subprotocols: ["second", "first"]) { request, socket in
  try socket.send("\(socket.subprotocol ?? "none") \(request.path) \(request.rawQuery ?? "")")
}
app.webSocket("/broken") { _, socket in
  try socket.send("before")
  throw Broken()
}
app.webSocket("/ticking") { _, socket in
  while true {
    try socket.send("tick")
    usleep(10_000)
  }
}
app.webSocket("/goodbye") { _, socket in
  try socket.send("hello")
  while try socket.receive() != nil {}
  usleep(300_000)
  app.logger.notice("goodbye has been said")
}
app.webSocket("/pid") { _, socket in
  try socket.send("\(getpid())")
  while try socket.receive() != nil {}
}
/// A child comes back from there, as one does whose exec has failed.
app.webSocket("/fork/{end}") { request, socket in
  let child = fork()
  if child == 0 {
    if try request.parameters.require("end", as: String.self) == "throws" { throw Broken() }
    return
  }
  waitpid(child, nil, 0)
  try socket.send("\(getpid())")
  while let message = try socket.receive() { try socket.send(message) }
}
app.beforeRequest { request in
  request.path == "/secret" && request.header(.authorization) == nil
    ? Response("who are you?", status: .unauthorized) : nil
}
app.webSocket("/secret") { _, socket in try socket.send("told") }
app.get("/plain") { _ in "plain" }

app.run()
