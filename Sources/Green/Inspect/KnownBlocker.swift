/// A call that blocks the thread, some also with the redirect, and what to use instead: of a row of the table "What
/// cannot be redirected" of GreenRedirect's documentation.
public struct KnownBlocker: Sendable, Hashable {
  /// As the table has it.
  public let name: String
  /// What to use instead.
  public let instead: String
  /// What the names of its functions contain, as the linker knows them.
  let symbols: [String]

  private init(_ name: String, _ symbols: [String], instead: String) {
    self.name = name
    self.instead = instead
    self.symbols = symbols
  }

  /// In the order of the table. What is more telling comes first: the innermost calls of several are the same.
  public static let all: [KnownBlocker] = [
    KnownBlocker(
      "DispatchGroup.wait", ["dispatch_group_wait", "OS_dispatch_groupC8DispatchE4wait"],
      instead:
        "withFiberGroup, or a Promise that DispatchGroup.notify keeps; for a task's result, await it in a fiber with "
        + "GreenTasks: on one thread the task cannot run while it is waited for; or the redirect of locks, with which the "
        + "fiber parks"),
    KnownBlocker(
      "DispatchSemaphore.wait",
      ["dispatch_semaphore_wait", "_dispatch_sema4_", "OS_dispatch_semaphoreC8DispatchE4wait"],
      instead: "Semaphore or Promise of Green, or the redirect of locks"),
    KnownBlocker(
      "DispatchQueue.sync", ["_dispatch_sync_f_slow", "DISPATCH_WAIT_FOR_QUEUE", "dispatch_barrier_sync"],
      instead: "Mutex of Green, or offload { queue.sync { } }"),
    KnownBlocker("dispatch_once", ["_dispatch_once_wait"], instead: "a static let, whose initialiser may park"),
    KnownBlocker(
      "Synchronization.Mutex", ["15Synchronization12_MutexHandleV"],
      instead: "Mutex of Green, or the redirect of locks"),
    KnownBlocker(
      "std::future, std::atomic::wait", ["_M_futex_wait_until", "__platform_wait", "__atomic_futex_unsigned"],
      instead: "the redirect of locks, or offload { }"),
    KnownBlocker(
      "GLib's GMutex and GCond", ["g_mutex_lock_slowpath", "g_cond_wait", "g_rec_mutex_lock_slowpath"],
      instead: "the redirect of locks, or offload { } around the library's call"),
    KnownBlocker(
      "io_uring", ["io_uring_enter", "io_uring_wait_cqe", "io_uring_submit_and_wait", "_io_uring_get_cqe"],
      instead: "read, write and the like, which are redirected; or register_eventfd and a read of that"),
    KnownBlocker(
      "fopen of a FIFO", ["_IO_file_open", "_IO_new_file_fopen", "_IO_file_fopen"],
      instead: "the redirect of streams, or open and fdopen"),
    KnownBlocker(
      "wide streams", ["_IO_wfile_underflow", "_IO_wfile_overflow", "_IO_wdo_write"],
      instead: "the redirect of streams, or streams of bytes and mbstowcs"),
    KnownBlocker("fflush(NULL)", ["_IO_flush_all"], instead: "fflush of the streams that were written to"),
    KnownBlocker(
      "users and groups from a server", ["getpwnam", "getpwuid", "getgrnam", "getgrgid", "getgrouplist", "initgroups"],
      instead: "the redirect of names, or offload { }"),
    KnownBlocker(
      "queues and semaphores of System V and POSIX",
      ["msgrcv", "msgsnd", "semop", "semtimedop", "mq_receive", "mq_timed"],
      instead: "the redirect, or Pipe, Channel, sem_wait, or offload { }"),
    KnownBlocker(
      "aio_suspend, gai_suspend", ["aio_suspend", "gai_suspend", "lio_listio"],
      instead: "the redirect of descriptors and of names, or offload { }"),
    KnownBlocker(
      "fsync and the like", ["fsync", "fdatasync", "sync_file_range", "syncfs", "tcdrain"],
      instead: "the redirect of descriptors, or offload { }"),
    KnownBlocker(
      "vfork and posix_spawn", ["__spawni", "__spawnix"], instead: "nothing: it lasts until the program has been found"),
    KnownBlocker(
      "syscall(2)", ["syscall"],
      instead: "the C library's function of that name, which is redirected; or offload { }"),
  ]

  static func among(_ frames: [FiberBacktrace.Frame]) -> KnownBlocker? {
    // What is above the call that blocks is not to blame.
    let symbols = frames.prefix(12).compactMap(\.symbol)
    return all.first { blocker in
      symbols.contains { symbol in
        blocker.symbols.contains { $0 == "syscall" ? symbol == $0 : symbol.contains($0) }
      }
    }
  }
}

extension KnownBlocker: CustomStringConvertible {
  /// "DispatchGroup.wait blocks the thread. Instead: …".
  public var description: String { "\(name) blocks the thread. Instead: \(instead)" }
}
