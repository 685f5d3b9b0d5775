import DataServers
import Foundation
import Green
import GreenJobs
import GreenRedis
import SuiteSupport
import TestSupport
import Testing

/// Two processes with one Redis: what two machines are to each other.
@Suite(.bounded) struct ProcessTests {
  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program("labour").path)
    process.arguments = arguments
    try process.run()
    return process
  }

  @Test func jobsOfAProcessThatIsKilledAreDoneByAnother() throws {
    let server = try RedisServer()
    let redis = try Redis(server.address)
    defer { redis.close() }
    let queue = JobQueue(redis, name: "q")
    let kind = JobKind<[Int]>("note")
    for number in 0..<200 { try queue.add(kind, [number, 50]) }
    let arguments = [server.address, "q"]
    let (victim, other) = (try start(arguments), try start(arguments))
    defer { for process in [victim, other] where process.isRunning { process.terminate() } }
    let count = { (list: String) in try redis.command("LLEN", "q:\(list)").integer ?? 0 }
    while try count("ended") < 20 { usleep(5000) }
    kill(victim.processIdentifier, SIGKILL)
    let end = Deadline.after(.seconds(200))
    while try queue.statistics() != JobStatistics(ready: 0, running: 0, later: 0, dead: 0), !end.hasPassed {
      usleep(20_000)
    }
    let ended = try redis.command("LRANGE", "q:ended", 0, -1).array?.compactMap(\.integer) ?? []
    #expect(Set(ended) == Set(0..<200))
    // What was being done was done again, and no more than that.
    let begun = try count("begun")
    #expect(begun >= 200 && begun <= 220)
    other.terminate()
    other.waitUntilExit()
    #expect(other.terminationStatus == 0)
  }

  @Test func aChildThatComesBackFromItsJobEnds() throws {
    let server = try RedisServer()
    let redis = try Redis(server.address)
    defer { redis.close() }
    let queue = JobQueue(redis, name: "q")
    for number in 0..<20 { try queue.add(JobKind<[Int]>("fork"), [number]) }
    let worker = try start([server.address, "q"])
    defer { if worker.isRunning { worker.terminate() } }
    let end = Deadline.after(.seconds(200))
    while try queue.statistics() != JobStatistics(ready: 0, running: 0, later: 0, dead: 0), !end.hasPassed {
      usleep(20_000)
    }
    let children = try redis.command("LRANGE", "q:children", 0, -1).array?.compactMap(\.integer) ?? []
    #expect(children == Array(repeating: 0, count: 20))
    worker.terminate()
    worker.waitUntilExit()
    #expect(worker.terminationStatus == 0)
  }
}
