import Glibc
import Green
import GreenWebSocket

// A client of WebSockets for a test suite that is a server, such as Autobahn's `wstest -m fuzzingserver`: it asks for the number
// of cases, sends back what it receives in each, and asks for the report. Its argument is the server's URL.

guard CommandLine.arguments.count == 2 else {
  print("usage: echoing ws://HOST:PORT")
  exit(2)
}
let server = CommandLine.arguments[1]
let configuration: WebSocketConfiguration = {
  var configuration = WebSocketConfiguration()
  configuration.maximumMessage = 16 << 20
  configuration.compression = WebSocketCompression(threshold: 0, keepsContext: true)
  return configuration
}()

func numberOfCases() throws -> Int {
  let socket = try WebSocket.connect("\(server)/getCaseCount")
  defer { socket.close() }
  guard case .text(let text)? = try socket.receive(), let count = Int(text) else { return 0 }
  return count
}

func runCase(_ number: Int) throws {
  let socket = try WebSocket.connect("\(server)/runCase?case=\(number)&agent=greenfinch", configuration: configuration)
  // What the server has done wrong on purpose is its to judge.
  do { while let message = try socket.receive() { try socket.send(message) } } catch {}
  socket.close()
}

try Hub.run {
  let count = try numberOfCases()
  for number in 0..<count { try runCase(number + 1) }
  try WebSocket.connect("\(server)/updateReports?agent=greenfinch").close()
  print("\(count) cases")
}
