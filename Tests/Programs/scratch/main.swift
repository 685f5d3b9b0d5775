import Green
import Glibc

final class Order { var items: [String] = [] }
let clock = ContinuousClock()
let start = clock.now
let result = try Hub.run {
  print("runtime locals:", Hub.current!.runtimeLocals)
  let order = Order()
  let a = Fiber.spawn(name: "a") { try Fiber.sleep(for: .milliseconds(200)); order.items.append("a"); return 1 }
  let b = Fiber.spawn(name: "b") { try Fiber.sleep(for: .milliseconds(100)); order.items.append("b"); return 2 }
  let many = (0..<1000).map { i in Fiber.spawn { try Fiber.sleep(for: .milliseconds(300)); return i } }
  let sum = try many.map { try $0.value }.reduce(0, +)
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let server = Fiber.spawn {
    let s = try listener.accept()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    while case let n = try s.receive(into: buffer), n > 0 { try s.send(UnsafeRawBufferPointer(rebasing: buffer[..<n])) }
    return s.peerDescription
  }
  let c = try Socket.connect(host: "localhost", port: listener.address!.port!)
  var bytes: [UInt8] = Array("hello".utf8)
  try bytes.withUnsafeBytes { try c.send($0) }
  let n = try bytes.withUnsafeMutableBytes { try c.receive(into: $0, until: .after(.seconds(1))) }
  print("echo", n, String(decoding: bytes[..<n], as: UTF8.self))
  do { _ = try bytes.withUnsafeMutableBytes { try c.receive(into: $0, until: .after(.milliseconds(50))) } } catch { print("deadline:", error) }
  c.close()
  print(try server.value)
  let m = Mutex(0)
  let lockers = (0..<10).map { _ in Fiber.spawn { try m.withLock { let v = $0; try Fiber.sleep(for: .milliseconds(2)); $0 = v + 1 } } }
  for l in lockers { try l.value }
  print("mutex", m.withLock { $0 })
  Fiber.spawn(name: "bad") { throw HubError.outside }
  return (try a.value + b.value, sum, order.items)
}
print(result, clock.now - start)
// yield benchmark
let t0 = clock.now
let N = 1_000_000
try Hub.run {
  let x = Fiber.spawn { for _ in 0..<N { Fiber.yield() } }
  let y = Fiber.spawn { for _ in 0..<N { Fiber.yield() } }
  try x.value; try y.value
}
print("yield ns", Double((clock.now - t0).components.attoseconds) / 1e9 / Double(2 * N))
let t1 = clock.now
try Hub.run { for _ in 0..<N { try Fiber.spawn { }.value } }
print("spawn+join ns", Double((clock.now - t1).components.attoseconds) / 1e9 / Double(N), clock.now - t1)
