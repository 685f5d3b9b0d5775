import Glibc

/// How many processes the kernel has killed for want of memory in the control group that this process is in, so that such an
/// end can be told from others by SIGKILL: `oom_kill` in cgroup v2's `memory.events` and in v1's `memory.oom_control`.
struct MemoryKills {
  /// The file with the count; `nil` where there is none to be read.
  private let file: String?
  /// The count when it was last asked for.
  private var last: Int?
  /// How many of the kills nobody has been told of, and when they were seen.
  private var left = 0
  private var seen: Int64 = 0

  /// What the kernel tells of itself is below `root`, which is empty but in tests.
  init(root: String = "") {
    file = Self.candidates(root).first { Self.count(in: $0) != nil }
    last = file.flatMap(Self.count)
  }

  /// Whether there was a kill for the end of a process that has just been seen, at a time in nanoseconds; `nil` where that is
  /// not known. Each counts for one of those that are seen within a second.
  mutating func takeOne(at time: Int64) -> Bool? {
    guard let file, let before = last, let now = Self.count(in: file) else { return nil }
    last = now
    if now > before { (left, seen) = (now - before, time) }
    guard left > 0, time - seen < 1_000_000_000 else { return false }
    left -= 1
    return true
  }

  /// A container sees its own group as the root of what is mounted, under whatever name it goes outside.
  private static func candidates(_ root: String) -> [String] {
    guard let groups = text(of: root + "/proc/self/cgroup") else { return [] }
    let mount = root + "/sys/fs/cgroup"
    var files: [String] = []
    // By bytes: a group's name may end in a return, which with the end of the line is one character to Swift.
    for line in groups.utf8.split(separator: UInt8(ascii: "\n")) {
      // "4:memory:/path" in v1, "0::/path" in v2.
      let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        .map { Substring($0) }
      guard fields.count == 3 else { continue }
      if fields[1].split(separator: ",").contains("memory") {
        files += ["\(mount)/memory\(fields[2])/memory.oom_control", "\(mount)/memory/memory.oom_control"]
      } else if fields[1].isEmpty {
        files += ["\(mount)\(fields[2])/memory.events", "\(mount)/memory.events"]
      }
    }
    return files
  }

  private static func text(of file: String) -> String? {
    (try? contents(of: file)).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func count(in file: String) -> Int? {
    for line in text(of: file)?.split(separator: "\n") ?? [] where line.hasPrefix("oom_kill ") {
      return Int(line.dropFirst("oom_kill ".count))
    }
    return nil
  }
}
