import Foundation
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct MemoryKillsTests {
  private func withRoot(_ body: (URL) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "greenfinch-kills-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    try body(root)
  }

  private func write(_ text: String, _ path: String, in root: URL) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  @Test(arguments: [
    ("0::/app.slice\n", "sys/fs/cgroup/app.slice/memory.events", "low 0\noom 2\noom_kill "),
    ("0::/app\r\n1:name=app:/\n", "sys/fs/cgroup/app\r/memory.events", "oom_kill "),
    ("0::/outside/of/the/container\n", "sys/fs/cgroup/memory.events", "oom_kill "),
    ("5:cpu,memory:/app\n0::/\n", "sys/fs/cgroup/memory/app/memory.oom_control", "under_oom 0\noom_kill "),
    ("4:memory:/docker/1\n", "sys/fs/cgroup/memory/memory.oom_control", "oom_kill_disable 0\noom_kill "),
  ]) func `the count of the control group is found, and that it has grown`(groups: String, file: String, text: String)
    throws
  {
    try withRoot { root in
      try write(groups, "proc/self/cgroup", in: root)
      try write("\(text)3\n", file, in: root)
      var kills = MemoryKills(root: root.path)
      #expect(kills.takeOne(at: 0) == false)
      try write("\(text)5\n", file, in: root)
      #expect(kills.takeOne(at: 1000) == true)
      #expect(kills.takeOne(at: 2000) == true, "two were killed at once")
      #expect(kills.takeOne(at: 3000) == false)
      try write("\(text)7\n", file, in: root)
      #expect(kills.takeOne(at: 4000) == true)
      #expect(kills.takeOne(at: 5_000_000_000) == false, "the other was not this one")
    }
  }

  @Test func `where nothing is counted nothing is known`() throws {
    try withRoot { root in
      var kills = MemoryKills(root: root.path)
      #expect(kills.takeOne(at: 0) == nil)
      try write("0::/\n", "proc/self/cgroup", in: root)
      try write("oom 1\n", "sys/fs/cgroup/memory.events", in: root)
      kills = MemoryKills(root: root.path)
      #expect(kills.takeOne(at: 0) == nil)
    }
  }
}
