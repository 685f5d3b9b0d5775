import Foundation
import Testing

/// A control group with little memory, below the tests' own; ended with the object, when its processes have.
final class MemoryGroup {
  /// The file to which a process writes its number that is to belong to it.
  let members: String
  private let folder: String

  /// Cancels the test where no group can be had.
  init(megabytes: Int) throws {
    let lines = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8))?.split(separator: "\n") ?? []
    let own = lines.lazy.map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
    var parent = "", limit = ""
    if let group = own.first(where: { $0.count == 3 && $0[1].split(separator: ",").contains("memory") }) {
      (parent, limit) = ("/sys/fs/cgroup/memory\(group[2])", "memory.limit_in_bytes")
    } else if let group = own.first(where: { $0.count == 3 && $0[1].isEmpty }) {
      (parent, limit) = ("/sys/fs/cgroup\(group[2])", "memory.max")
    }
    folder = "\(parent)/greenfinch-test-\(UUID().uuidString)"
    members = "\(folder)/cgroup.procs"
    guard !parent.isEmpty, mkdir(folder, 0o755) == 0,
      (try? "\(megabytes << 20)".write(toFile: "\(folder)/\(limit)", atomically: false, encoding: .utf8)) != nil
    else {
      rmdir(folder)
      try Test.cancel("no control group with a limit of memory can be had here")
    }
    // Not by way of the swap.
    for file in ["memory.swappiness", "memory.swap.max"] {
      try? "0".write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
    }
  }

  deinit {
    _ = comesTrue(within: 10) { rmdir(folder) == 0 || errno != EBUSY }
  }
}
