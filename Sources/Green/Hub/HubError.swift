/// What can be wrong about the use of a hub.
public enum HubError: Error, CustomStringConvertible {
  /// ``Hub/run(stackSize:_:)`` was called on a thread that runs a hub already.
  case nested
  /// ``Hub/run(stackSize:_:)`` was called in a task.
  case task
  /// No fiber of the hub could ever go on: the text is the hub's dump. While the process has other threads, one of them may
  /// wake a fiber; that all have ended is seen half a minute later at the latest.
  case deadlock(String)
  /// A fiber was spawned, or a fiber's own call was made, on a thread that runs no hub; or a task was awaited by what a hub runs
  /// outside its fibers.
  case outside
  /// The kernel refuses to watch what a hub needs watched.
  case refused
  /// No stack, or no thread control block, could be had for another fiber; the text says what ran out and what raises it.
  case stacks(String)
  /// A hub was to have stacks of so many bytes, fewer than ``Hub/leastStackSize``.
  case smallStacks(Int)
  /// The hub was stopped, and begins nothing any more.
  case ended

  public var description: String {
    switch self {
    case .nested: "this thread runs a hub already: spawn a fiber in it instead of starting a second one"
    case .task:
      "this is a task, whose thread is the Swift runtime's: use a hub on a thread of its own, HubThread, or start the hub "
        + "where main is not async"
    case .outside:
      "this thread runs no hub, or this is code of the hub's own: start one with Hub.run, and call this in one of its fibers"
    case .refused: "the kernel watches no more descriptors: memory is short, or fs.epoll.max_user_watches is reached"
    case .stacks(let reason): reason
    case .ended: "the hub was stopped, and starts nothing any more"
    case .smallStacks(let size):
      "a fiber's stack must have at least \(Hub.leastStackSize) bytes, and \(size) were asked for"
    case .deadlock(let dump): "every fiber waits for something that can never happen\n\(dump)"
    }
  }
}
