import Connections
import Foundation
import FoundationNetworking
import Greenfinch

// Foundation's calls that wait.
//
// BACKEND_URL=http://127.0.0.1:8080/ swift run foundation -k green --worker-connections 200

let url = setting("BACKEND_URL", default: "http://127.0.0.1:8080/")
let app = App()

app.get("/sleep") { _ in
  Thread.sleep(forTimeInterval: 0.5)
  return "done"
}

// Not waitUntilExit(): it runs the thread's run loop, of which there is one, and which only one fiber at a time can run.
app.get("/process") { _ in
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sleep")
  process.arguments = ["0.5"]
  let ended = Event()
  process.terminationHandler = { _ in ended.set() }
  try process.run()
  try ended.wait()
  return "status \(process.terminationStatus)"
}

// Reads what a child writes, up to the end.
app.get("/pipe") { _ in
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sleep")
  process.arguments = ["0.5"]
  let output = Foundation.Pipe()
  process.standardOutput = output
  try process.run()
  return "\(try output.fileHandleForReading.readToEnd()?.count ?? 0) bytes"
}

app.get("/url") { _ in
  guard let url = URL(string: url) else { throw ConnectionError("'\(url)' is not a URL") }
  return String(decoding: try Data(contentsOf: url), as: UTF8.self)
}

app.run()
