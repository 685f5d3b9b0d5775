// A worker of jobs, as a process: labour ADDRESS QUEUE. Ends by SIGTERM, gracefully.
import Glibc
import Green
import GreenJobs
import GreenRedis

let (address, name) = (CommandLine.arguments[1], CommandLine.arguments[2])

try Hub.run {
  let redis = try Redis(address)
  var configuration = JobConfiguration()
  // Longer than a busy machine stops a process: else its jobs would be done twice.
  configuration.silence = .seconds(6)
  configuration.interval = .milliseconds(100)
  let queue = JobQueue(redis, name: name, configuration: configuration)
  // Notes its number in a list when it begins, and in another when it has ended.
  queue.handle(JobKind<[Int]>("note", attempts: 20)) { numbers, _ in
    try redis.command("RPUSH", "\(name):begun", numbers[0])
    try Fiber.sleep(for: .milliseconds(numbers[1]))
    try redis.command("RPUSH", "\(name):ended", numbers[0])
  }
  // Notes how a child ends that comes back from its job.
  queue.handle(JobKind<[Int]>("fork", attempts: 20)) { numbers, _ in
    let child = fork()
    if child == 0 { return }
    var status: Int32 = -1
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    try redis.command("RPUSH", "\(name):children", Int(status))
  }
  let worker = queue.work(10)
  let signals = try Signals(.terminate)
  _ = try signals.next(until: .never)
  worker.stop(until: .after(.seconds(10)))
  redis.close()
}
