import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite(.bounded) struct ChildProcessTests {
  @Test func aProgramRunsToItsEndAndGivesItsOutputs() throws {
    try onHub {
      let result = try ChildProcess.run(["sh", "-c", "cat; echo bad >&2; exit 4"], input: Array("good".utf8))
      #expect(result.status == .exited(4))
      #expect(text(result.output) == "good")
      #expect(text(result.error) == "bad\n")
    }
  }

  @Test func aPlainThreadRunsProgramsToo() throws {
    try onThread {
      let result = try ChildProcess.run(["cat"], input: Array("plain".utf8))
      #expect(result.status.isSuccess && text(result.output) == "plain")
      #expect(throws: ChildProcessError.timedOut(program: "sleep", output: [], error: [])) {
        try ChildProcess.run(["sleep", "60"], until: .after(.milliseconds(20)))
      }
    }
  }

  @Test func whatWasReadUntilTheDeadlineIsInTheError() throws {
    try onHub {
      let script = "echo so far; echo trouble >&2; exec sleep 60"
      let expected = ChildProcessError.timedOut(
        program: "sh", output: Array("so far\n".utf8), error: Array("trouble\n".utf8))
      var found: ChildProcessError?
      // A busy machine may let a second pass before the shell has written.
      for time in [1, 5, 20] where found != expected {
        do {
          _ = try ChildProcess.run(["sh", "-c", script], until: .after(.seconds(time)))
        } catch { found = error as? ChildProcessError }
      }
      #expect(found == expected)
    }
  }

  @Test func otherFibersRunMeanwhile() throws {
    try onHub {
      var name = Array("/tmp/greenfinch-child-XXXXXX".utf8CString)
      close(mkstemp(&name))
      let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // Runs for as long as the file is there.
      let script = "while [ -e \(path) ]; do sleep 0.01; done"
      let child = Fiber.spawn { try ChildProcess.run(["sh", "-c", script], until: .after(.seconds(30))).status }
      for _ in 0..<20 { try Fiber.sleep(for: .milliseconds(1)) }
      #expect(!child.isFinished)
      unlink(path)
      let status = try child.value
      #expect(status == .exited(0))
    }
  }

  @Test func allStreamsAreServedAtOnce() throws {
    let size = 3_000_000
    try onHub {
      // Fills both outputs before it reads its input.
      let script = "head -c \(size) /dev/zero >&2; head -c \(size) /dev/zero; cat"
      let result = try ChildProcess.run(["sh", "-c", script], input: [UInt8](repeating: 7, count: size))
      #expect(result.status == .exited(0))
      #expect(result.error.count == size)
      #expect(result.output.count == 2 * size)
      #expect(result.output.last == 7)
    }
  }

  @Test func inputThatIsNotReadIsNoError() throws {
    try onHub {
      let result = try ChildProcess.run(
        ["sh", "-c", "exec <&-; sleep 0.02; echo done"], input: [UInt8](repeating: 1, count: 1_000_000))
      #expect(result.status == .exited(0) && text(result.output) == "done\n")
    }
  }

  @Test func aSignalThatEndedTheProcessIsItsStatus() throws {
    try onHub {
      let status = try ChildProcess.run(["sh", "-c", "kill -TERM $$"]).status
      #expect(status == .signaled(.terminate, coreDumped: false))
      #expect("\(status)" == "ended by SIGTERM" && !status.isSuccess)
      #expect("\(ExitStatus.exited(3))" == "exited with 3")
    }
  }

  @Test func aMissingProgramIsAnErrorOfSpawn() throws {
    for program in ["no-such-program", "/no/such/program", "./no-such-program", ""] {
      #expect(throws: ChildProcessError.notStarted(program: program, at: .program, .noSuchFileOrDirectory)) {
        try ChildProcess.spawn([program])
      }
    }
    #expect(throws: ChildProcessError.notStarted(program: "/", at: .program, .permissionDenied)) {
      try ChildProcess.spawn(["/"])
    }
    #expect(throws: ChildProcessError.unusable("")) { try ChildProcess.spawn([]) }
    let error = ChildProcessError.notStarted(program: "x", at: .program, .noSuchFileOrDirectory)
    #expect("\(error)" == "cannot start \"x\": No such file or directory")
  }

  @Test func aMissingWorkingDirectoryIsAnErrorThatSaysSo() throws {
    #expect(throws: ChildProcessError.notStarted(program: "true", at: .workingDirectory, .noSuchFileOrDirectory)) {
      try ChildProcess.spawn(["true"], workingDirectory: "/no/such/folder")
    }
  }

  @Test func tooLongArgumentsAreAnError() throws {
    let long = String(repeating: "x", count: 3_000_000)
    #expect(throws: ChildProcessError.notStarted(program: "true", at: .program, .argListTooLong)) {
      try ChildProcess.spawn(["true", long])
    }
  }

  @Test func whatCCannotPassOnIsAnErrorThatShowsIt() throws {
    #expect(throws: ChildProcessError.unusable("a\0b")) { try ChildProcess.spawn(["true", "a\0b"]) }
    #expect(throws: ChildProcessError.unusable("/\0")) { try ChildProcess.spawn(["true"], workingDirectory: "/\0") }
    #expect(throws: ChildProcessError.unusable("A=B")) { try ChildProcess.spawn(["true"], environment: ["A=B": ""]) }
    #expect(throws: ChildProcessError.unusable("")) { try ChildProcess.spawn(["true"], environment: ["": "x"]) }
    #expect(throws: ChildProcessError.unusable("A=\0")) { try ChildProcess.spawn(["true"], environment: ["A": "\0"]) }
    #expect(throws: ChildProcessError.notStarted(program: "true", at: .process, .badFileDescriptor)) {
      try ChildProcess.spawn(["true"], input: .descriptor(-4))
    }
    #expect(throws: ChildProcessError.notStarted(program: "true", at: .streams, .badFileDescriptor)) {
      try ChildProcess.spawn(["true"], input: .descriptor(9999))
    }
    #expect(throws: ChildProcessError.notStarted(program: "true", at: .process, .invalidArgument)) {
      try ChildProcess.spawn(["true"], input: .output)
    }
  }

  @Test func environmentAndWorkingDirectoryAreAsAsked() throws {
    try onHub {
      let environment = ["PATH": "/nowhere:/usr/bin:/bin", "WORD": "two words"]
      let result = try ChildProcess.run(
        ["sh", "-c", "pwd; echo \"$WORD $HOME\""], environment: environment, workingDirectory: "/usr")
      #expect(text(result.output) == "/usr\ntwo words \n")
      #expect(throws: ChildProcessError.notStarted(program: "sh", at: .program, .noSuchFileOrDirectory)) {
        try ChildProcess.run(["sh"], environment: ["PATH": "/nowhere"])
      }
    }
  }

  @Test func standardErrorMayGoTheWayOfTheOutput() throws {
    try onHub {
      let child = try ChildProcess.spawn(["sh", "-c", "echo a; echo b >&2; echo c"], output: .pipe, error: .output)
      let bytes = try child.standardOutput!.readAll()
      #expect(text(bytes) == "a\nb\nc\n")
      #expect(child.standardError == nil && child.standardInput == nil)
      let status = try child.wait()
      #expect(status == .exited(0))
    }
  }

  @Test func pipesAreReadAndWrittenInTurn() throws {
    try onHub {
      let child = try ChildProcess.spawn(["cat"], input: .pipe, output: .pipe)
      var room = [UInt8](repeating: 0, count: 64)
      for round in 0..<20 {
        try child.standardInput!.write("line \(round)\n")
        let count = try room.withUnsafeMutableBytes { try child.standardOutput!.read(into: $0) }
        #expect(text(Array(room[..<count])) == "line \(round)\n")
      }
      #expect(throws: Errno.timedOut) {
        try room.withUnsafeMutableBytes { try child.standardOutput!.read(into: $0, until: .after(.milliseconds(5))) }
      }
      let reader = Fiber.spawn { try child.standardOutput!.readAll() }
      child.standardInput!.close()
      let rest = try reader.value
      #expect(rest.isEmpty)
      let status = try child.wait()
      #expect(status == .exited(0))
    }
  }

  @Test func aReaderIsToldWhenItsPipeIsClosed() throws {
    try onHub {
      let child = try ChildProcess.spawn(["sleep", "60"], output: .pipe)
      let reader = Fiber.spawn { try child.standardOutput!.readAll() }
      try Fiber.sleep(for: .milliseconds(5))
      child.standardOutput!.close()
      #expect(throws: Errno.badFileDescriptor) { try reader.value }
      try child.kill()
      let status = try child.wait()
      #expect(status == .signaled(.kill, coreDumped: false))
    }
  }

  @Test func aFullPipeMakesTheWriterWaitForItsDeadline() throws {
    try onHub {
      let child = try ChildProcess.spawn(["sleep", "60"], input: .pipe)
      let bytes = [UInt8](repeating: 0, count: 1_000_000)
      #expect(throws: Errno.timedOut) {
        try bytes.withUnsafeBytes { try child.standardInput!.write($0, until: .after(.milliseconds(10))) }
      }
      let status = try child.terminate()
      #expect(status == .signaled(.terminate, coreDumped: false))
    }
  }

  @Test func oneThatDoesNotHeedTheSignalIsKilledAfterTheGrace() throws {
    try onHub {
      let child = try ChildProcess.spawn(
        ["sh", "-c", "trap '' TERM; echo up; sleep 60 & wait; wait"], output: .pipe, group: .new)
      var room = [UInt8](repeating: 0, count: 8)
      _ = try room.withUnsafeMutableBytes { try child.standardOutput!.read(into: $0) }
      let status = try child.terminate(grace: .milliseconds(20))
      #expect(status == .signaled(.kill, coreDumped: false))
      // The number may belong to another process by now.
      try child.kill()
      try child.killGroup()
    }
  }

  @Test func aGroupIsSignalledOnlyWhereThereIsOne() throws {
    try onHub {
      let plain = try ChildProcess.spawn(["sleep", "60"])
      #expect(throws: ChildProcessError.noGroup(plain.pid)) { try plain.killGroup() }
      try plain.kill()
      let session = try ChildProcess.spawn(["sh", "-c", "ps -o sid= -p $$"], output: .pipe, group: .session)
      let bytes = try session.standardOutput!.readAll()
      #expect(text(bytes).filter { $0.isNumber } == "\(session.pid)")
      _ = try plain.wait()
      _ = try session.wait()
    }
  }
}
