// No name of Greenfinch means two things where these are imported beside it: type-checked by check_articles.py.
import Dispatch
import Foundation
import Glibc
import Greenfinch
import Logging
import Synchronization

func names(
  _: Pipe, _: borrowing Mutex<Int>, _: Semaphore, _: Fiber<Int>, _: Hub.Type, _: Socket, _: Listener, _: Channel<Int>,
  _: Event, _: Promise<Int>, _: Condition, _: Deadline, _: Signal, _: Signals, _: Resolver.Type, _: ChildProcess,
  _: Request, _: any Extension.Type,
  _: Response, _: App, _: Configuration, _: Logger, _: Settings.Type, _: ReadWriteLock<Int>, _: FiberPool, _: Datagram,
  _: Direction, _: HTTPError, _: Blueprint, _: PreforkServer.Type, _: WorkerClass, _: SocketAddress, _: Histogram,
  _: ExitStatus, _: Latch, _: Barrier, _: BroadcastChannel<Int>, _: BroadcastReceiver<Int>, _: BroadcastLag,
  _: Watch<Int>,
  _: WatchChanges<Int>, _: SingleFlight<Int, Int>, _: RetryPolicy, _: RetryBudget,
  _: HubPool, _: HubTrace, _: RemoteFiber<Int>
) {}

let pipe = Pipe()
let mutex = Mutex(0)
let app = App()
let answer = try retry { _ in withEarlyCancellation { 1 } }
app.get("/") { _ in "\(mutex.withLock { $0 })" }
