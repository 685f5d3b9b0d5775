import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct PidFileTests {
  private let path = "/tmp/greenfinch-pid-\(getpid())-\(Int.random(in: 0..<1_000_000))"

  private func write(_ text: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    writeAll(text, to: file)
    close(file)
  }

  @Test func `the number is in the file, which everybody may read, until it is removed`() throws {
    defer { unlink(path) }
    let file = try PidFile(creating: path)
    #expect(PidFile.process(in: path) == getpid())
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o644)
    file.remove()
    #expect(access(path, F_OK) != 0)
  }

  @Test func `another's file is not removed`() throws {
    defer { unlink(path) }
    let file = try PidFile(creating: path)
    write("1\n")
    file.remove()
    #expect(PidFile.process(in: path) == 1)
  }

  @Test(arguments: ["", "not a number\n", "-5", "4194305\n", "99999999999999\n"])
  func `a file of nobody who runs is replaced`(text: String) throws {
    defer { unlink(path) }
    write(text)
    try PidFile(creating: path).remove()
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a number that is another program's by now is stale`() throws {
    defer { unlink(path) }
    var child: pid_t = 0
    var arguments = [strdup("sleep"), strdup("60"), nil]
    try #require(posix_spawn(&child, "/bin/sleep", nil, nil, &arguments, environ) == 0)
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    write("\(child)")
    let file = try PidFile(creating: path)
    #expect(PidFile.process(in: path) == getpid())
    file.remove()
  }

  @Test func `a file keeps its number under another name`() throws {
    var file = try PidFile(creating: path)
    try file.move(to: path + ".2")
    #expect(access(path, F_OK) != 0 && PidFile.process(in: path + ".2") == getpid())
    file.remove()
    #expect(access(path + ".2", F_OK) != 0)
  }

  @Test func `a file that cannot be written is an error with its path`() {
    let expected = PidFileError.failed("/nonexistent/pid", .noSuchFileOrDirectory)
    #expect(throws: expected) { try PidFile(creating: "/nonexistent/pid") }
    #expect("\(expected)" == "--pid is '/nonexistent/pid', which cannot be written: No such file or directory.")
  }
}
