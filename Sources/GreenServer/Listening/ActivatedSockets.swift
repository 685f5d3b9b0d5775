import Glibc

/// The sockets that systemd has opened for this process, as `sd_listen_fds_with_names(3)` finds them: descriptors from
/// 3 on, where `LISTEN_PID` is this process.
struct ActivatedSockets: Equatable {
  struct Entry: Equatable {
    let descriptor: CInt
    /// What `FileDescriptorName=` says, else the unit's name; empty where systemd has not told.
    let name: String
  }

  let entries: [Entry]

  static let none = ActivatedSockets(entries: [])

  /// This process's own.
  static var own: ActivatedSockets {
    ActivatedSockets(pid: getpid()) { name in getenv(name).map { String(cString: $0) } }
  }

  /// What the environment says to the process of that number. Variables that another process was given say nothing.
  init(pid: pid_t, environment: (String) -> String?) {
    let owner = environment("LISTEN_PID").flatMap { pid_t($0) }
    let count = environment("LISTEN_FDS").flatMap { CInt($0) } ?? 0
    let names = environment("LISTEN_FDNAMES").map { $0.split(separator: ":", omittingEmptySubsequences: false) } ?? []
    guard owner == pid, (1...Self.most).contains(count) else {
      self.init(entries: [])
      return
    }
    self.init(
      entries: (0..<count).map { index in
        Entry(descriptor: Self.first + index, name: Int(index) < names.count ? String(names[Int(index)]) : "")
      })
  }

  init(entries: [Entry]) { self.entries = entries }

  func named(_ name: String) -> [CInt] { entries.filter { $0.name == name }.map(\.descriptor) }

  /// SD_LISTEN_FDS_START of sd-daemon.h.
  private static let first: CInt = 3
  /// What a worker can inherit.
  private static let most: CInt = 64
}
