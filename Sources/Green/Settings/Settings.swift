/// The settings of the runtime, each a variable of the environment that can also be set in code.
///
/// ```swift
/// print(Settings.table)   // every setting with its value, where that is from, and what it means
/// ```
///
/// How names are looked up can be set in more detail by ``Resolver/Configuration``.
public enum Settings {
  /// `GREEN_STACK_SIZE`
  public static let stackSize = Setting(
    "GREEN_STACK_SIZE", .bytes(Hub.leastStackSize...(1 << 36)), default: 512 * 1024,
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
    "Whether each hub counts how deep its fibers' stacks went; told on standard error when a hub ends, if set there.")

  /// How the Swift runtime's state of each thread is kept apart for each fiber.
  public enum RuntimeLocalsMode: String, CaseIterable, Sendable {
    /// Its words are found, verified, and swapped at each switch; where that fails, as `accesses`.
    case swap
    /// The set of accesses only: no job and no task-local may be open across a switch.
    case accesses
  }

  /// `GREEN_RUNTIME_LOCALS`
  public static let runtimeLocals = Setting<RuntimeLocalsMode>(
    "GREEN_RUNTIME_LOCALS", .choice, default: .swap,
    "How the Swift runtime's state of each thread is kept apart for each fiber.")

  /// `GREEN_HANDLER_ISOLATION`
  public static let handlerIsolation = Setting<FiberIsolation>(
    "GREEN_HANDLER_ISOLATION", .choice, default: .shared,
    "Whether the fibers in which a green worker calls handlers share the thread's variables or are whole threads to C.")

  /// `GREEN_OFFLOAD_THREADS`
  public static let offloadThreads = Setting(
    "GREEN_OFFLOAD_THREADS", .number(1...100_000), default: 10, "The most threads that offloaded calls may have.")

  /// What the kernel is asked by for descriptors. See libev's manual, "FLAGS AND BACKENDS".
  ///
  /// Its experimental backends, on io_uring and Linux's AIO, are not offered: they end the process where another thread
  /// closes a descriptor just before it is waited for, in a part of libev that is closed to us.
  public enum Backend: String, CaseIterable, Sendable {
    case epoll, poll, select
  }

  /// `GREEN_BACKEND`
  public static let backend = Setting<Backend>(
    "GREEN_BACKEND", .choice, default: .epoll, "What libev asks the kernel by for descriptors.")

  /// `GREEN_RESOLVER`
  public static let resolver = Setting<Resolver.Configuration.Method>(
    "GREEN_RESOLVER", .choice, default: .ares,
    "Who looks names up: c-ares on the loop, the C library on a thread, or the C library in place.")

  /// `GREEN_RESOLVER_NAMESERVERS`
  public static let resolverNameServers = Setting(
    "GREEN_RESOLVER_NAMESERVERS", .nameServers, default: [],
    "The name servers to ask; without any, those of resolv.conf.")

  /// `GREEN_RESOLVER_TIMEOUT`
  public static let resolverTimeout = Setting(
    "GREEN_RESOLVER_TIMEOUT", .duration(from: .milliseconds(1), upTo: .seconds(3600), zero: "what resolv.conf says"),
    default: .zero, "How long the first try at a name server may take.")

  /// Who runs Swift's tasks.
  public enum Tasks: String, CaseIterable, Sendable {
    /// A hub runs all of the process.
    case process
    /// A hub runs those that prefer it, by public interfaces only.
    case preference
  }

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

  /// Every setting.
  public static let all: [any AnySetting] = [
    stackSize, maxBlockingTime, stackCensus, runtimeLocals, handlerIsolation, offloadThreads, backend, resolver,
    resolverNameServers,
    resolverTimeout, redirect, fileOffload, tasks,
  ]

  /// Every setting with its value as text, a paragraph each.
  public static var table: String {
    all.map(\.current).map { setting in
      let source = setting.source == .standard ? "the default" : "set by the \(setting.source.rawValue)"
      let standard = setting.source == .standard ? "" : "; the default is \(setting.defaultValue)"
      return "\(setting.name) = \(setting.value)  (\(source)\(standard))\n    \(setting.meaning)\n    "
        + "One of: \(setting.form)."
    }.joined(separator: "\n")
  }
}
