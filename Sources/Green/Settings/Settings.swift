/// The settings of the runtime, each a variable of the environment that can also be set in code.
///
/// ```swift
/// print(Settings.table)   // every setting with its value, where that is from, and what it means
/// ```
///
/// How names are looked up can be set in more detail by ``Resolver/Configuration``.
public enum Settings {
  /// ``Hub/leastStackSize``.
  static let leastStackSize = 32 * 1024

  /// `GREEN_STACK_SIZE`
  public static let stackSize = Setting(
    "GREEN_STACK_SIZE", .bytes(leastStackSize...(1 << 36)), default: 512 * 1024,
    "Usable bytes of a fiber's stack; only the pages that it touches take memory.")

  /// `GREEN_MAX_BLOCKING_TIME`: in debug builds a tenth of a second, else off.
  public static let maxBlockingTime = Setting(
    "GREEN_MAX_BLOCKING_TIME", .duration(from: .milliseconds(1), upTo: .seconds(3600), zero: "never"),
    default: defaultMaxBlockingTime,
    "How long a fiber may keep the thread before it is reported with its calls.")

  private static var defaultMaxBlockingTime: Duration {
    #if DEBUG
      .milliseconds(100)
    #else
      .zero
    #endif
  }

  /// `GREEN_STACK_CENSUS`
  public static let stackCensus = Setting(
    "GREEN_STACK_CENSUS", .flag, default: false,
    "Whether each hub measures how deep its fibers' stacks go; set in the environment, a hub prints that at its end.")

  /// `GREEN_DUMP_SIGNAL`
  public static let dumpSignal = Setting<Signal?>(
    "GREEN_DUMP_SIGNAL", .signal, default: nil,
    "At which signal each hub writes what its fibers do and wait for to standard error.")

  /// `GREEN_TRACE`
  public static let trace = Setting(
    "GREEN_TRACE", .path, default: "",
    "Where each hub writes a trace for Perfetto: the path, to which -, the process, -, the thread and .json are added.")

  /// `GREEN_THREAD_LABELS`
  public static let threadLabels = Setting(
    "GREEN_THREAD_LABELS", .flag, default: false,
    "Whether a hub's thread has the name of the fiber that it runs, for perf and other tools; a system call a switch.")

  /// `GREEN_LEAK_CHECK`
  public static let leakCheck = Setting(
    "GREEN_LEAK_CHECK", .duration(from: .milliseconds(1), upTo: .seconds(3600), zero: "never"), default: .zero,
    "How often each hub looks, when it has nothing to do, for fibers that nobody can wake any more.")

  /// `GREEN_RUNTIME_LOCALS`
  public static let runtimeLocals = Setting<RuntimeLocalsMode>(
    "GREEN_RUNTIME_LOCALS", .choice, default: .swap,
    "How the Swift runtime's state of each thread is kept apart for each fiber.")

  /// `GREEN_OFFLOAD_THREADS`
  public static let offloadThreads = Setting(
    "GREEN_OFFLOAD_THREADS", .number(1...100_000), default: 10, "How many threads there may be for offloaded calls.")

  /// `GREEN_BACKEND`
  public static let backend = Setting<Backend>(
    "GREEN_BACKEND", .choice, default: .usual, "Which of the kernel's interfaces libev waits for descriptors with.")

  /// `GREEN_TASKS`
  public static let tasks = Setting<Tasks>(
    "GREEN_TASKS", .choice, default: .process, "Whether a hub runs all of Swift's tasks, or those that prefer it.")

  /// `GREEN_REDIRECT`
  public static let redirect = Setting<RedirectFamilies>(
    "GREEN_REDIRECT", .families, default: .all,
    "Which of the C library's calls wait in the hub, where the redirect is linked.")

  /// `GREEN_FILE_OFFLOAD`
  public static let fileOffload = Setting(
    "GREEN_FILE_OFFLOAD", .bytes(0...(1 << 40)), default: 64 * 1024,
    "From how many bytes a redirected read or write of a file goes to another thread if it would wait; 0 for never.")
}
