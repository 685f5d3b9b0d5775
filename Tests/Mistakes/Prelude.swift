// What the mistakes and the programs beside this have in common.
import Greenfinch

struct User: Codable, Sendable { var name = "x" }
struct Secret: Sendable { var name = "x" }
final class Counter { var n = 0 }

func load(_ number: Int) throws -> User { User() }
func fetch() async throws -> String { "" }

struct LoggedIn: RequestInput {
  init(request: Request) throws {}
}

struct NewNote: Codable, Sendable {
  var id: Int
  var title: String
}
