internal import CGlibc
internal import Synchronization

/// Hubs on threads of their own, for a process that is to use several cores at once: a fiber is spawned on one of them from
/// anywhere, and its result waited for anywhere.
///
/// ```swift
/// let hubs = try HubPool(threads: 4)
/// let pages = urls.map { url in hubs.spawn { try fetch(url) } }
/// for page in pages { print(try page.value) }
/// hubs.stop()
/// ```
///
/// A fiber never leaves the thread on which it was spawned, and between two waits nobody of its hub comes between; but fibers of
/// different hubs run at the same time, so what they share must be `Sendable`: channels, locks, semaphores, promises and
/// everything else under Synchronisation work across hubs. What is spawned goes to the hub that has the fewest of the pool's
/// fibers. (Servers have a better way: processes, which share no memory and do not fall together.)
public final class HubPool: Sendable {
  private let places: [Place]
  /// Where the search for the least loaded begins.
  private let turn = Atomic<Int>(0)
  private let alive: Latch
  private let process = ForkHandler.generation
  private let isEnding = Atomic<Bool>(false)

  /// One hub of the pool.
  private struct Place: Sendable {
    let remote: Hub.Remote
    let host: HostedHub
    let load: Load
  }

  /// How many of the pool's fibers have not ended.
  private final class Load: Sendable {
    let count = Atomic<Int>(0)
  }

  /// Starts the threads. Blocks or parks until each has its hub.
  ///
  /// - Parameter threads: how many; by default one for each processor that the process may use.
  /// - Throws: `Errno` when there is no thread, loop or stack to be had: then none is left running.
  public init(threads: Int = HubPool.availableProcessors) throws {
    requirement(threads > 0, "a pool must have one hub at least, not \(threads)")
    let alive = Latch(threads)
    self.alive = alive
    var places: [Place] = []
    do {
      for _ in 0..<threads {
        let (remote, host) = try HostedHub.start(ended: { alive.countDown() }) { $0.remote }
        places.append(Place(remote: remote, host: host, load: Load()))
      }
    } catch {
      for place in places { place.host.end() }
      throw error
    }
    self.places = places
  }

  deinit { stop() }

  /// How many hubs there are.
  public var count: Int { places.count }

  /// How many fibers of the pool have not ended, for each hub.
  public var loads: [Int] { places.map { $0.load.count.load(ordering: .relaxed) } }

  /// How many processors the process may use.
  public static var availableProcessors: Int { Int(cglibc_available_processors()) }

  /// Starts a fiber on one of the hubs. Any fiber, thread or task may call it; it never waits.
  ///
  /// The fiber inherits the calling fiber's deadline; its ``FiberLocal`` values and task-locals stay behind.
  ///
  /// - Parameters:
  ///   - name: shown in dumps and error reports.
  ///   - index: the hub, one of 0 up to ``count``; `nil` for the one that has the least to do.
  ///   - body: what the fiber runs.
  /// - Returns: the fiber. After ``stop()``, and in a forked child, it has finished already, and its value throws
  ///   ``HubError/ended``.
  @discardableResult
  public func spawn<Success: Sendable>(
    name: String? = nil, on index: Int? = nil, _ body: @escaping @Sendable () throws -> Success
  ) -> RemoteFiber<Success> {
    let fiber = RemoteFiber<Success>(name: name)
    guard !isEnding.load(ordering: .acquiring), process == ForkHandler.generation else {
      fiber.finish(.failure(HubError.ended))
      return fiber
    }
    let place = places[index ?? leastLoaded]
    let deadline = Fiber.currentDeadline
    place.load.count.add(1, ordering: .relaxed)
    fiber.start(on: place.remote, until: deadline, { place.load.count.subtract(1, ordering: .relaxed) }, body)
    return fiber
  }

  /// Starts a fiber on each of the hubs: for what each is to do by itself, such as to accept connections.
  ///
  /// - Parameters:
  ///   - name: shown in dumps and error reports.
  ///   - body: what the fibers run; each is given the number of its hub, from 0.
  /// - Returns: the fibers, in the order of the hubs. See ``spawn(name:on:_:)``.
  @discardableResult
  public func spawnOnEach<Success: Sendable>(
    name: String? = nil, _ body: @escaping @Sendable (_ index: Int) throws -> Success
  ) -> [RemoteFiber<Success>] {
    places.indices.map { index in spawn(name: name, on: index) { try body(index) } }
  }

  private var leastLoaded: Int {
    let start = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    var (best, least) = (0, Int.max)
    for offset in places.indices {
      let index = Int(UInt(bitPattern: start &+ offset) % UInt(places.count))
      let load = places[index].load.count.load(ordering: .relaxed)
      if load < least { (best, least) = (index, load) }
    }
    return best
  }

  /// Lets each hub end once the fibers on it have ended. Nothing more can be spawned by the pool. Never waits; stopping twice
  /// does nothing. A pool that nobody keeps any more is stopped.
  public func stop() {
    isEnding.store(true, ordering: .releasing)
    for place in places { place.host.end() }
  }

  /// Waits until all hubs have ended, which they do after ``stop()``. Parks or blocks. In a forked child, which has none of them,
  /// it returns at once.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func join(until deadline: Deadline = .never) throws {
    if process == ForkHandler.generation { try alive.wait(until: deadline) }
  }
}
