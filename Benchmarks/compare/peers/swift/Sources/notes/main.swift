import Glibc
import Hummingbird
import NIOPosix

// The interface for programs of Examples/notes in Hummingbird: `DATABASE_URL=… hummingbird-notes PORT THREADS`. So many threads
// run event loops, and for each there are ten connections of libpq's, each on a thread of a pool.

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard numbers.count == 2, numbers[1] > 0, let url = Environment().get("DATABASE_URL") else {
  print("usage: DATABASE_URL=postgresql://… hummingbird-notes PORT THREADS")
  exit(2)
}
let application = Application(
  router: routes(Database(url, connections: 10 * numbers[1])),
  configuration: .init(address: .hostname("127.0.0.1", port: numbers[0]), backlog: 4096),
  eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: numbers[1])))
try await application.runService()
