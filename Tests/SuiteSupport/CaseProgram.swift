// The module of tests is not everywhere: where Swift's runtime is linked statically there is none.
#if canImport(Testing)
  internal import Foundation
  internal import TestSupport
  public import Testing

  /// A program of cases, each of which is one test, in a process of its own.
  public struct CaseProgram: Sendable {
    public let name: String

    /// An executable of this package.
    public init(_ name: String) { self.name = name }

    /// The names of its cases.
    public var cases: [String] {
      let listing = try? Program(name).run(["--list"])
      return (listing?.output ?? "").split(separator: "\n").map(String.init)
    }

    /// Runs a case, and records an issue unless it passes. One that has no subject here cancels its test.
    public func passes(
      _ name: String, environment: [String: String] = [:], at location: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try Program(self.name).run(
        [name], environment: ["ASAN_OPTIONS": "detect_leaks=1"].merging(environment) { $1 })
      if outcome.status == 0 && outcome.output.hasPrefix("skipped \(name): ") { try Test.cancel("\(outcome.output)") }
      if outcome.status != 0 || outcome.output != "ok     \(name)\n" {
        // Whether it was the machine: how much waited for the processor, and how long it took.
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? "unknown\n"
        Issue.record(
          "status \(outcome.status) after \(outcome.seconds) s: \(outcome.output)\(outcome.errors)load \(load)",
          sourceLocation: location)
      }
    }
  }
#endif
