import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct ControlTests {
  @Test func `a request is words`() throws {
    let request = try ControlRequest("dump 42 --json")
    #expect(request.verb == .dump && request.isJSON)
    #expect(try request.process() == 42)
    #expect(try ControlRequest("add").count() == 1)
    #expect(try ControlRequest("remove 3").count() == 3)
    #expect(try ControlRequest("trace 0.5").duration() == .milliseconds(500))
    let top = try ControlRequest("top rows=10 columns=99999")
    #expect(top.rows == 10 && top.columns == 1000)
  }

  @Test(arguments: ["", "wrokers", "status 1", "add 0", "add many", "drain -1", "trace 0", "trace 61", "dump 1 2"])
  func `what is wrong with a request is said`(_ line: String) {
    #expect(throws: ControlFault.self) {
      let request = try ControlRequest(line)
      switch request.verb {
      case .add, .remove: _ = try request.count()
      case .drain, .dump: _ = try request.process()
      case .trace: _ = try request.duration()
      default: break
      }
    }
  }

  @Test func `the command line of ctl is read`() throws {
    let line = try ControlLine(["-s", "/run/a", "--json", "add", "2", "--interval=0.5", "-n", "3"])
    #expect(line.socket == "/run/a" && line.isJSON && line.words == ["add", "2"])
    #expect(line.interval == 0.5 && line.count == 3 && line.request == "add 2 --json")
    #expect(try ControlLine(["--help"]).wantsHelp)
    for wrong in [[], ["-x", "status"], ["status", "--socket"], ["top", "-i", "0"], ["top", "-n", "x"]] {
      #expect(throws: ControlFault.self) { try ControlLine(wrong) }
    }
  }

  @Test func `a reply says its length`() {
    #expect(String(decoding: ControlReply("é\n").bytes, as: UTF8.self) == "ok 3\né\n")
    #expect(String(decoding: ControlReply(ControlFault("no")).bytes, as: UTF8.self) == "error 3\nno\n")
  }

  @Test func `the control socket is this user's, in a directory that nobody else can write to`() throws {
    let folder = "/tmp/greenfinch-control-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let path = folder + "/ctl"
    #expect(throws: MonitorFault.self) { try ControlSocket.open(path) }
    mkdir(folder, 0o700)
    defer { rmdir(folder) }
    chmod(folder, 0o777)
    #expect(throws: MonitorFault.self) { try ControlSocket.open(path) }
    chmod(folder, 0o755)
    let listener = try ControlSocket.open(path)
    var status = stat()
    lstat(path, &status)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(throws: MonitorFault.self) { try ControlSocket.open(path) }
    listener.removeFile()
    listener.close()
    #expect(access(path, F_OK) != 0)
    // As /run/app is in the images: anybody's, but nobody can take away what is another's.
    chmod(folder, 0o1777)
    let shared = try ControlSocket.open(path)
    shared.removeFile()
    shared.close()
  }

  @Test func `columns are as wide as their widest cell`() {
    let lines = TextTable.lines([["PID", "STATE"], ["7", "ready"], ["12345", "x"]])
    #expect(lines == ["PID    STATE\n", "    7  ready\n", "12345  x\n"])
  }

  @Test func `figures are as a person reads them`() {
    #expect(Figure.bytes(812) == "812 B" && Figure.bytes(12_345_678) == "12.3 MB")
    #expect(Figure.time(nanoseconds: 350_000) == "350 µs" && Figure.time(nanoseconds: 4.5e9) == "4.5 s")
    #expect(Figure.duration(seconds: 12) == "12 s" && Figure.duration(seconds: 7500) == "2 h 5 min")
  }
}
