public import CGreenPython
import Glibc
import Green
import GreenServer

@c @implementation
public func greenpython_is_worker() -> Bool { PreforkServer.isWorker || PreforkServer.isForkServer }

@c @implementation
public func greenpython_fork_server() -> CInt { PreforkServer.forkServerSocket ?? -1 }

@c @implementation
public func greenpython_fork_worker() -> CInt { PreforkServer.forkWorker() }

@c @implementation
public func greenpython_become_worker(_ slot: CInt, _ descriptors: UnsafePointer<CInt>!, _ count: Int) -> Bool {
  let given = Array(UnsafeBufferPointer(start: descriptors, count: count))
  guard given.count > 2 else { return false }
  return PreforkServer.becomeWorker(
    slot: Int(slot), handshake: given[0], scoreboard: given[1], listeners: Array(given[2...]))
}

@c @implementation
public func greenpython_setting(
  _ name: UnsafePointer<CChar>!, _ buffer: UnsafeMutablePointer<CChar>!, _ size: Int
) -> Int {
  guard let text = PythonWorker.configuration.text(named: String(cString: name)) else { return -1 }
  return copy(text, to: buffer, size)
}

@c @implementation
public func greenpython_worker_class() -> UnsafePointer<CChar>! {
  let name: StaticString =
    switch PythonWorker.configuration.servingClass {
    case .sync: "sync"
    case .thread: "thread"
    case .green: "green"
    }
  return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func greenpython_run_worker(_ host: UnsafePointer<greenpython_host>!, _ isASGI: Bool) -> CInt {
  PythonWorker.run(host.pointee, isASGI: isASGI)
}

@c @implementation
public func greenpython_request_time() -> Int64 { max(0, PythonWorker.configuration.requestTimeout.wholeNanoseconds) }

@c @implementation
public func greenpython_ended_at_once() -> Bool { PreforkServer.endedAtOnce }

@c @implementation
public func greenpython_mount(_ path: UnsafePointer<CChar>!, _ length: Int, _ isASGI: Bool) {
  let path = Array(UnsafeRawBufferPointer(start: path, count: length))
  PythonWorker.mounts.append(MountedApplication.Mount(path: path, isASGI: isASGI))
}

@c @implementation
public func greenpython_cannot_start(_ reason: UnsafePointer<CChar>!) {
  PreforkServer.fail(String(cString: reason))
}

@c @implementation
public func greenpython_log(_ level: CInt, _ text: UnsafePointer<CChar>!, _ length: Int) {
  PythonWorker.log(level, AnswerHead.text(text, length))
}
