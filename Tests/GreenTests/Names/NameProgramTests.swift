import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A process with an /etc and a network of its own, in which it is root; `nil` where the system does not allow that.
private let unshare: [String]? = {
  let inside = ["--user", "--map-root-user", "--mount", "--net"]
  for arguments in [inside, ["--mount", "--net"]] where arguments == inside || geteuid() == 0 {
    let outcome = try? Program(system: "unshare").run(arguments + ["/bin/mount", "--bind", "/tmp", "/mnt"])
    if outcome?.status == 0 { return arguments }
  }
  return nil
}()

private let cases: [String] = {
  let listing = try? Program("names").run(["--list"])
  return (listing?.output ?? "").split(separator: "\n").map(String.init)
}()

/// The resolver and the C library, side by side.
@Suite(.enabled(if: unshare != nil, "namespaces are not allowed here"), .bounded)
struct NameProgramTests {
  @Test func itHasCases() { #expect(cases.count > 10) }

  @Test(arguments: cases)
  func agrees(_ name: String) throws {
    let outcome = try Program(system: "unshare").run(
      (unshare ?? []) + [Program("names").path, name], environment: ["ASAN_OPTIONS": "detect_leaks=1"])
    // Of one that says nothing, the status says which signal has ended it: SIGALRM where it hung.
    #expect(
      outcome.status == 0 && outcome.output == "ok     \(name)\n",
      "status \(outcome.status): \(outcome.output)\(outcome.errors)")
  }
}
