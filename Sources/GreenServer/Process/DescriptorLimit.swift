import Glibc

/// How many descriptors a process may have open, and how many a worker needs: `getrlimit(2)`, `RLIMIT_NOFILE`.
struct DescriptorLimit: Equatable {
  let needed: Int
  let allowed: Int

  /// Raises the soft limit of this process as far as its workers need it and the hard limit allows.
  static func raise(for configuration: Configuration) -> DescriptorLimit {
    let needed = configuration.neededDescriptors
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return DescriptorLimit(needed: needed, allowed: needed)
    }
    if limit.rlim_cur < rlim_t(needed) && limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = min(rlim_t(needed), limit.rlim_max)
      _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return DescriptorLimit(needed: needed, allowed: Int(clamping: limit.rlim_cur))
  }

  /// What to tell whoever runs the server; `nil` where it is enough.
  var warning: String? {
    if allowed >= needed { return nil }
    return "Each process may have \(allowed) files and sockets open, and a worker may need \(needed): raise the limit "
      + "(LimitNOFILE= of systemd, ulimit -n), or set --worker-connections lower"
  }
}

extension Configuration {
  /// The connections, the listeners, and some for the server's own and the application's.
  fileprivate var neededDescriptors: Int {
    let connections =
      switch effectiveWorkerClass {
      case .sync: 1
      case .thread, .green: self.workerConnections
      }
    return connections + 64 + self.bind.count
  }
}
