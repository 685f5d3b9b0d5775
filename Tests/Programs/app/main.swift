import CSandbox
import Foundation
import Greenfinch

import class Green.Mutex
import struct SystemPackage.Errno

// What the end-to-end tests serve: each route tries one promise.

let app = App()

/// How many requests are in progress in this worker, and the most there were.
final class Progress: Sendable {
  static let shared = Progress()
  private let counts = Mutex((now: 0, most: 0))

  func inside(_ body: () -> Void) -> Int {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    body()
    return counts.withLock {
      $0.now -= 1
      return $0.most
    }
  }
}

enum Database {
  static let times = Mutex(0)
  /// A connection that is made when it is first needed, and takes its time.
  static let connection: String = {
    times.withLock { $0 += 1 }
    usleep(300_000)
    return "connection"
  }()
}

let lock = NSLock()

struct Broken: Error {}
struct Told: Error, CustomStringConvertible {
  let text: String
  var description: String { "Told: \(text)" }
}

app.get("/pid") { _ in "\(getpid())" }
app.get("/who") { request in "\(request.client) \(request.scheme) \(request.host ?? "-")\(request.rootPath)" }
app.get("/remote") { request in request.remote }
app.get("/pid/{milliseconds}") { request in
  usleep(1000 * (try request.parameters.require("milliseconds")))
  return "\(getpid())"
}
app.get("/plain") { _ in "Hello World!" }
app.get("/inside") { _ in "\(Progress.shared.inside { usleep(500_000) })" }
app.get("/lazy") { _ in "\(Database.connection) \(Database.times.withLock { $0 })" }
app.get("/locked") { _ in
  lock.withLock { "\(Progress.shared.inside { usleep(10_000) })" }
}
app.get("/identity") { _ in
  let thread = pthread_self()
  usleep(200_000)
  return thread == pthread_self() ? "\(thread)" : "another thread"
}
app.get("/sleep/{milliseconds}") { request in
  usleep(UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000)
  return "slept"
}
/// The same, and its log tells that it has begun.
app.get("/begin/{milliseconds}") { request in
  app.logger.notice("a request has begun")
  usleep(UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000)
  return "slept"
}
/// Lasts until there is a file, for as long as a test wants it to.
app.get("/until/{path...}") { request -> String in
  let path = "/" + (try request.parameters.require("path", as: String.self))
  app.logger.notice("a request has begun")
  while access(path, F_OK) != 0 { try Fiber.sleep(for: .milliseconds(5)) }
  return "done"
}
app.get("/spin") { _ -> String in
  FileHandle.standardError.write(Data("spinning\n".utf8))
  while true {}
}
/// How many blocks the main queues have run so far.
let mainBlocks = Mutex(0)
app.get("/main-queue") { _ -> String in
  DispatchQueue.main.async { mainBlocks.withLock { $0 += 1 } }
  OperationQueue.main.addOperation { mainBlocks.withLock { $0 += 1000 } }
  return "\(mainBlocks.withLock { $0 })"
}
/// Tasks that blocking code begins, and waits for without `await`.
app.get("/tasks") { _ -> String in
  let (plain, detached, onMain) = (Promise<Int>(), Promise<Int>(), Promise<Int>())
  Task {
    try await Task.sleep(for: .milliseconds(1))
    plain.fulfil(1)
  }
  Task.detached { detached.fulfil(20) }
  Task { @MainActor in onMain.fulfil(300) }
  return "\(try plain.value + detached.value + onMain.value)"
}
/// Hubs that come and go while another thread waits for a task, which begins when they are there.
let hubsAreThere = Event()
let taskHasBegun = Event()
app.get("/hubs") { _ -> String in
  let hubs = try HubPool(threads: 1)
  hubsAreThere.set()
  try taskHasBegun.wait()
  hubs.stop()
  try hubs.join()
  return "gone"
}
app.get("/beside-hubs") { _ -> String in
  try hubsAreThere.wait()
  return try Fiber.await {
    taskHasBegun.set()
    try await Task.sleep(for: .milliseconds(200))
    return "slept"
  }
}
/// A task that waits for what the main queue runs.
app.get("/awaits-main-queue") { _ -> String in
  await withCheckedContinuation { continuation in
    DispatchQueue.main.async { continuation.resume(returning: "it ran") }
  }
}
app.get("/print") { _ -> String in
  print("printed")
  return ""
}
app.get("/replace-errors/{path...}") { request -> String in
  let file = open(
    "/" + (try request.parameters.require("path", as: String.self)), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
  app.logger.notice("before")
  dup2(file, STDERR_FILENO)
  app.logger.notice("replaced")
  return ""
}
app.get("/crash") { _ -> String in
  let none: [Int] = []
  return "\(none[Int(getpid())])"
}
/// Blocks its thread, and not only its fiber, for so many milliseconds: a stand-in for computing that needs no core.
app.get("/blocks/{milliseconds}") { request in
  let time = try request.parameters.require("milliseconds", as: Int.self)
  Redirect.bypass { _ = usleep(UInt32(time) * 1000) }
  return "\(getpid())"
}
app.get("/throw") { _ -> String in throw Broken() }
/// Fails as a handler does that puts what a client sent into its error.
app.get("/throw/{text...}") { request -> String in
  throw Told(text: try request.parameters.require("text", as: String.self))
}
app.get("/exit/{status}") { request -> String in
  _exit(try request.parameters.require("status", as: Int32.self))
}
/// A child that comes back from its handler, as one does whose exec has failed.
app.get("/fork") { _ -> String in
  let child = fork()
  if child == 0 { return "child" }
  return "parent \(getpid()) \(child)"
}
/// Has a shell say how a command ends whose reader goes away, and which signals are ignored in it.
app.get("/command/{how}") { request -> String in
  let how = try request.parameters.require("how", as: String.self)
  let path = "/tmp/greenfinch-command-\(getpid())-\(how)"
  defer { unlink(path) }
  let command = "{ yes; echo $? >\(path); } 2>/dev/null | head -1 >/dev/null; grep SigIgn /proc/self/status >>\(path)"
  let words: [String] = ["sh", "-c", command]
  var arguments = words.map { strdup($0) } + [nil]
  defer { for argument in arguments { free(argument) } }
  var child: pid_t = 0
  switch how {
  case "system": _ = system(command)
  case "popen": pclose(popen(command, "r"))
  case "posix_spawn": _ = posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ)
  default:
    child = fork()
    if child == 0 {
      execv("/bin/sh", &arguments)
      _exit(127)
    }
  }
  if child > 0 { waitpid(child, nil, 0) }
  return try String(contentsOfFile: path, encoding: .utf8)
}
/// What a write fails with where nobody reads any more, and where a file must not grow.
app.get("/refused-writes") { _ -> String in
  var ends: [Int32] = [0, 0]
  pipe(&ends)
  close(ends[0])
  let pipe = write(ends[1], "x", 1) < 0 ? errno : 0
  close(ends[1])
  var name = Array("/tmp/greenfinch-full-XXXXXX".utf8CString)
  let file = mkstemp(&name)
  unlink(name)
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  var least = rlimit(rlim_cur: 4, rlim_max: limit.rlim_max)
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &least)
  let full = pwrite(file, "x", 1, 10) < 0 ? errno : 0
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  close(file)
  return "\(pipe == EPIPE) \(full == EFBIG)"
}
/// A child that outlives its request, and does not exec.
app.get("/fork/{seconds}") { request -> String in
  let seconds = try request.parameters.require("seconds", as: UInt32.self)
  let child = fork()
  if child == 0 {
    sleep(seconds)
    return "child"
  }
  return "\(child)"
}
/// Waits until nobody listens any more, opens some files, and says how many of them a child lacks.
app.get("/fork-draining") { _ -> String in
  app.logger.notice("a request has begun")
  while (Int32(3)..<64).contains(where: isListening) { usleep(10_000) }
  let files = (0..<8).map { _ in open("/dev/null", O_RDONLY) }
  let child = fork()
  if child == 0 { _exit(Int32(files.count { fcntl($0, F_GETFD) < 0 })) }
  var status: Int32 = 0
  waitpid(child, &status, 0)
  return "\(status >> 8)"
}
// The same by ways of which no handler of fork hears.
app.get("/unseen/{how}") { request -> String in
  let child = csandbox_fork(try request.parameters.require("how", as: String.self))
  if child == 0 { return "child" }
  return "parent \(getpid()) \(child)"
}
app.get("/unseen/{how}/{seconds}") { request -> String in
  let seconds = try request.parameters.require("seconds", as: UInt32.self)
  let how = try request.parameters.require("how", as: String.self)
  let child = how == "function" ? csandbox_clone(seconds, 0) : csandbox_fork(how)
  if child == 0 {
    // Would park in a fiber, among those of the parent.
    for _ in 0..<10 * seconds { usleep(100_000) }
    return "child"
  }
  return "\(child)"
}
app.get("/vfork") { _ in "\(csandbox_vfork()) \(csandbox_clone(0, 1) > 0)" }
/// A child that comes back from where the body is made.
app.get("/fork-stream/{how}") { request -> Response in
  let how = try request.parameters.require("how", as: String.self)
  return Response(
    body: .stream(
      StreamedBody(length: "one \(getpid()) end".utf8.count) { writer in
        try writer.write("one ")
        let child = how == "fork" ? fork() : csandbox_fork(how)
        // What forks past the C library may not wait through it: that would be in the hub of its parent.
        if child == 0 && how != "instruction" { usleep(20_000) }
        try writer.write("\(getpid()) ")
        if child != 0 {
          usleep(50_000)
          try writer.write("end")
        }
      }))
}
/// Children of work that nobody waits for.
app.get("/fork-background") { _ -> String in
  try app.background { if fork() == 0 { usleep(1000) } }
  _ = try offload { if fork() == 0 { usleep(1000) } }
  return "\(getpid())"
}
app.get("/fork-background/_Fork") { _ -> String in
  _ = try offload { if csandbox_fork("_Fork") == 0 { usleep(1000) } }
  return "\(getpid())"
}
@Sendable func isListening(_ descriptor: Int32) -> Bool {
  var listening: Int32 = 0
  var size = socklen_t(MemoryLayout<Int32>.size)
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0
}
app.get("/close-listener") { _ -> String in
  for descriptor in Int32(3)..<64 where isListening(descriptor) { close(descriptor) }
  return "closed"
}
/// From now on the process can open nothing, also when this request's connection is closed.
app.get("/refuse-descriptors") { _ -> String in
  let next = open("/dev/null", O_RDONLY)
  close(next)
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = rlim_t(next - 1)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  return ""
}
app.get("/variable/{name}") { request in
  getenv(try request.parameters.require("name", as: String.self)).map { String(cString: $0) } ?? "none"
}
app.get("/late/{milliseconds}") { request in
  let time = UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000
  app.logger.notice("a request has begun")
  try app.background {
    usleep(time * 2)
    app.logger.notice("the background has ended")
  }
  usleep(time)
  app.logger.notice("the request has ended")
  return "late"
}
app.post("/echo") { request in try request.body.bytes() }
/// Sends back what it receives.
app.get("/upgrade") { _ in
  Response(upgradingTo: "echo") { stream in
    try withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { room in
      while case let count = try stream.receive(into: room, until: .after(.seconds(10))), count > 0 {
        try stream.send(UnsafeRawBufferPointer(rebasing: room[..<count]), until: .after(.seconds(10)))
      }
    }
  }
}
/// A value that lies in others of its type.
struct Nest: Codable {
  var inner: [Nest] = []

  init(depth: Int) { inner = depth > 1 ? [Nest(depth: depth - 1)] : [] }
  init(from decoder: any Decoder) throws { inner = try decoder.singleValueContainer().decode([Nest].self) }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(inner)
  }
  var depth: Int { 1 + (inner.first?.depth ?? 0) }
}
app.post("/nest") { request in "\(try request.json(Nest.self).depth)" }
app.get("/nest/{depth}") { request in
  let depth = try request.parameters.require("depth", as: Int.self)
  // It is made, and let go of, by recursion too.
  return try Fiber.onBigStack { try Response.json(Nest(depth: depth)) }
}
/// An answer of so many bytes.
app.get("/bytes/{count}") { request in
  [UInt8](repeating: 120, count: try request.parameters.require("count", as: Int.self))
}
/// As many, made while they are sent.
app.get("/stream/{count}") { request -> Response in
  let count = try request.parameters.require("count", as: Int.self)
  return Response(
    body: .stream(
      StreamedBody(length: count) { body in
        let piece = [UInt8](repeating: 120, count: 65_536)
        var left = count
        while left > 0 {
          try piece.withUnsafeBytes { try body.write(UnsafeRawBufferPointer(rebasing: $0.prefix(left))) }
          left -= min(left, piece.count)
        }
      }))
}
/// An answer whose body's source fails: a file, another server.
app.get("/stream-broken") { _ -> Response in
  Response(
    body: .stream(
      StreamedBody { body in
        try body.write("begun")
        throw Errno.ioError
      }))
}
/// Reads a body in either way, and says how long it took in microseconds.
app.post("/take/{how}") { request in
  let start = Deadline.now
  var count = 0
  if request.parameters["how"] == "bytes" {
    count = try request.body.bytes().count
  } else {
    try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { room in
      while case let read = try request.body.read(into: room), read > 0 { count += read }
    }
  }
  return "\(count) \((Deadline.now.nanoseconds - start.nanoseconds) / 1000)"
}
app.get("/large") { _ in String(repeating: "x", count: 3_000_000) }
/// Who answers, and how many fibers have not finished there.
app.get("/fibers") { _ in "\(getpid()) \(Hub.current?.counters.alive ?? 0)" }
let grown = Mutex<[[UInt8]]>([])
/// Takes so many megabytes, and keeps them.
app.get("/grow/{megabytes}") { request -> String in
  let count = try request.parameters.require("megabytes", as: Int.self) << 20
  grown.withLock { $0.append([UInt8](repeating: 1, count: count)) }
  return ""
}
app.get("/threads") { _ in
  "\(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count)"
}
app.get("/deep") { _ in "\(descend(100_000_000))" }

// Logs from everywhere that a request's code may be, with `mark` for the test to find its own lines by.
app.get("/traced/{mark}") { request in
  let mark = try request.parameters.require("mark", as: String.self)
  let logger = app.logger
  logger.notice("\(mark) handler")
  try app.background {
    usleep(5000)
    logger.notice("\(mark) background")
  }
  try Fiber.await {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await Task.sleep(for: .milliseconds(3))
        logger.notice("\(mark) child task")
        _ = try? await Fiber.run {
          usleep(1000)
          logger.notice("\(mark) fiber of a task")
        }
      }
      _ = await Task {
        await Task.yield()
        logger.notice("\(mark) task")
      }.value
    }
  }
  if Fiber.current != nil {
    try Fiber.spawn {
      usleep(2000)
      try Fiber.spawn { logger.notice("\(mark) fiber") }.value
      try offload { logger.notice("\(mark) thread") }
    }.value
  }
  logger.notice("\(mark) end of \(Request.currentID == request.id)")
  return request.id
}

// Answers beyond a status and a body.
app.get("/hints") { request -> String in
  try request.sendEarlyHints([HTTPField.Name("Link")!: "</style.css>; rel=preload"])
  return "hinted"
}
app.get("/trailers") { _ -> StreamedBody in
  let name = HTTPField.Name("X-Sum")!
  return StreamedBody(trailers: [name]) { body in
    for piece in ["a", "b", "c"] { try body.write(piece) }
    try body.setTrailer(name, "3")
  }
}

struct Tick: Encodable { var number: Int }
/// So many events, the first one after the last that the client has had; between them a wait.
app.get("/events/{count}") { request -> EventStream in
  let count = try request.parameters.require("count", as: Int.self)
  app.logger.notice("a request has begun")
  return EventStream { events in
    defer { app.logger.notice("the work has ended") }
    let first = (events.lastEventID.flatMap { Int($0) } ?? 0) + 1
    for number in first..<first + count {
      try events.send(json: Tick(number: number), event: "tick", id: "\(number)")
      usleep(count > 10 ? 20_000_000 : 1000)
    }
  }
}
/// Work that ends when nobody waits for it any more.
app.get("/abandoned") { request in
  try request.cancelledWhenAbandoned {
    app.logger.notice("a request has begun")
    defer { app.logger.notice("the work has ended") }
    try Fiber.sleep(for: .seconds(60))
    return "nobody waits for this"
  }
}
/// A body that never ends, of a sequence that ends where the task that waits for it is cancelled.
app.get("/drip-sequence") { _ -> Response in
  let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
  continuation.yield(Array("drip".utf8))
  return Response(body: .stream(StreamedBody(stream)))
}
/// A body that never ends.
app.get("/drip") { _ in
  StreamedBody { body in
    while true {
      try body.write("drip")
      try Fiber.sleep(for: .milliseconds(20))
    }
  }
}

@Sendable func descend(_ depth: Int) -> Int {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { room in
    room[depth % 64] = depth
    return depth == 0 ? room[0] : descend(depth - 1) &+ room[depth % 64]
  }
}

let environment = ProcessInfo.processInfo.environment
if environment["APP_THREAD"] != nil { Thread.detachNewThread { Thread.sleep(forTimeInterval: 60) } }
app.onWorkerStart {
  if environment["APP_FAILS"] != nil { throw Broken() }
  if environment["APP_DIES"] != nil { _exit(9) }
  if environment["APP_HANGS"] != nil { sleep(60) }
  // What is in this file may change while the server runs.
  switch environment["APP_BOOT"].flatMap({ try? String(contentsOfFile: $0, encoding: .utf8) }) {
  case "hang": sleep(60)
  case "crash": fatalError("crashed at start")
  default: break
  }
}
if let master = environment["APP_MASTER"] {
  app.onMasterStart {
    app.logger.notice("the master begins")
    if master == "fails" { throw Broken() }
  }
  app.onMasterReady { app.logger.notice("the master serves") }
  app.onMasterStop { app.logger.notice("the master ends") }
  app.onWorkerForked { app.logger.notice("worker \($0) is made") }
  app.onWorkerExited { app.logger.notice("worker \($0) \($1)") }
}
app.onWorkerStop { _ in
  guard let pause = environment["APP_STOPS"].flatMap(UInt32.init) else { return }
  app.logger.notice("the worker begins to stop")
  usleep(pause * 50_000)
  app.logger.notice("the worker stops")
}

if let path = environment["APP_FILES"] {
  app.files("/files", from: FileFolder(path, index: "index.html"))
  app.get("/saved") { _ in File("\(path)/a.txt", disposition: .attachment(named: "Größe.txt")) }
}
if environment["APP_IGNORES"] != nil { signal(SIGPIPE, SIG_IGN) }
if environment["APP_DUPLICATE"] != nil { app.get("/pid") { _ in "" } }
// Routes whose handlers take what their patterns do not have.
switch environment["APP_ROUTE"] {
case "type": app.get("/wrong/{id:int}") { (_, id: String) in id }
case "count": app.get("/wrong/{a}/{b}") { (_, a: Int) in "\(a)" }
default: break
}
// Commands of the program's own.
app.command("join", "Joins its words") { words in print(words.joined(separator: "|")) }
app.command("later", "Says how many words there are, later") { words in
  try await Task.sleep(for: .milliseconds(2))
  print("\(words.count) words, later")
}
app.command("fails", "Throws") { _ in throw Broken() }
if environment["APP_NO_MEMFD"] != nil { _ = csandbox_without_memfd() }
if environment["APP_NO_TIMERFD"] != nil { _ = csandbox_without_timerfd() }
func serve() {
  guard let workers = environment["APP_WORKERS"].flatMap(Int.init) else { app.run() }
  var configuration = Configuration.fromCommandLine(formats: [.json])
  configuration.workers = workers
  app.run(configuration)
}
if environment["APP_ASYNC"] != nil {
  Task.detached { serve() }
  while true { sleep(60) }
}
serve()
