import Hummingbird
import NIOPosix

let router = Router()
router.get("/") { _, _ in
  try await Task.sleep(for: .milliseconds(500))
  return "Hello World!"
}
router.get("/plain") { _, _ in "Hello World!" }

let port = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 8080
let application = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 4096),
  eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)))
try await application.runService()
