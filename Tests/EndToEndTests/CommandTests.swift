import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Commands that a handler starts, and the signals that the server itself withstands.
@Suite(.bounded) struct CommandTests {
  /// SIGPIPE and SIGXFSZ, in the mask of /proc/self/status.
  private static let withstood: UInt64 = 1 << 12 | 1 << 24

  private func ignored(_ answer: String) throws -> UInt64 {
    let mask = try #require(answer.split(separator: "\t").last, "\(answer)")
    return try #require(UInt64(mask.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16), "\(answer)")
  }

  @Test(arguments: ["system", "popen", "posix_spawn", "fork"])
  func aCommandIsEndedBySIGPIPEAsElsewhere(_ how: String) throws {
    let server = try Server(["-k", "green"])
    let answer = try get(server.port, "/command/\(how)").body
    #expect(answer.hasPrefix("141\n"), "\(answer)")
    #expect(try ignored(answer) & Self.withstood == 0, "\(answer)")
  }

  @Test(arguments: everyClass)
  func theServerItselfWithstandsSIGPIPEAndSIGXFSZ(_ arguments: [String]) throws {
    let server = try Server(arguments)
    #expect(try get(server.port, "/refused-writes").body == "true true")
    #expect(try get(server.port, "/pid").status == 200)
  }

  @Test func whatAProgramIgnoresItselfStaysIgnored() throws {
    let server = try Server(["-k", "green"], environment: ["APP_IGNORES": "1"])
    #expect(try ignored(try get(server.port, "/command/fork").body) & Self.withstood == 1 << 12)
  }
}
