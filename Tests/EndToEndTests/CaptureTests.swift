import Foundation
import SuiteSupport
import TestSupport
import Testing

/// --capture-output: what is printed is in the error log, in every process, and after the log has been moved away.
@Suite(.bounded) struct CaptureTests {
  @Test func whatIsPrintedGoesToTheErrorLog() throws {
    let folder = try TemporaryFolder()
    let log = folder.path + "/error.log"
    let server = try Server(["-k", "green", "--capture-output", "--error-logfile", log])
    _ = try get(server.port, "/print")
    try server.waitUntil("the first line") { folder.text("error.log").contains("\nprinted\n") }
    try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
    kill(server.pid, SIGUSR1)
    try server.waitUntil("a line in the new file") {
      _ = try get(server.port, "/print")
      return folder.text("error.log").contains("printed\n")
    }
    #expect(folder.text("error.log.1").contains("printed\n"))
    #expect(!server.log.contains("printed"))
    #expect(server.stop() == 0)
  }

  @Test func withoutAFileNothingIsCaptured() throws {
    let server = try Server(["-k", "green", "--capture-output"])
    #expect(server.logged("Listening at"))
    #expect(server.stop() == 0)
  }
}
