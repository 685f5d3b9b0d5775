internal import Foundation
internal import Servers

/// Two green workers that write to one database of SQLite's at once, by GRDB.
public struct DatabaseTrial: Sendable {
  /// How many visits the database holds in the end.
  public let visits: Int
  /// Whether the workers are those that there were at first.
  public let keptItsWorkers: Bool

  /// Makes so many visits, 20 at once.
  ///
  /// - Parameter kind: "queue" or "pool".
  public init(_ kind: String, visits count: Int) throws {
    let folder = try TemporaryFolder()
    let example = try Example(
      "grdb", ["-k", "green", "--worker-connections", "200"], workers: 2,
      environment: ["DATABASE": folder.path + "/visits.sqlite"])
    // Both have the database open before there are many.
    for _ in 0..<4 { _ = try get(example.port, "/\(kind)") }
    let workers = example.workers
    do {
      _ = try atOnce(20) { [port = example.port] _ in
        for _ in 0..<(count / 20) {
          let answer = try get(port, "/\(kind)/visit")
          guard answer == "done" else { throw Failure("it answered '\(answer)'") }
        }
      }
      visits = Int(try get(example.port, "/\(kind)")) ?? -1
    } catch {
      throw Failure("\(error)\nthe log of 'grdb':\n\(example.log)")
    }
    keptItsWorkers = workers == example.workers
  }
}
