import CProcess
import Glibc
import SystemPackage

/// What a master hands to a worker.
struct Inheritance: Equatable {
  var slot: Int
  var handshake: CInt
  var scoreboard: CInt
  var listeners: [CInt]

  /// What this process inherited from its master; `nil` when it is none's worker.
  static var own: Inheritance? {
    guard let inherited = cprocess_worker_inheritance() else { return nil }
    return Inheritance(inherited.pointee)
  }

  private init(_ inherited: cprocess_inheritance) {
    slot = Int(inherited.slot)
    handshake = inherited.handshake
    scoreboard = inherited.scoreboard
    listeners = withUnsafeBytes(of: inherited.listeners) { bytes in
      Array(bytes.bindMemory(to: CInt.self).prefix(Int(inherited.listener_count)))
    }
  }

  init(slot: Int, handshake: CInt, scoreboard: CInt, listeners: [CInt]) {
    self.slot = slot
    self.handshake = handshake
    self.scoreboard = scoreboard
    self.listeners = listeners
  }

  /// Starts a program as a worker. `prove` gets the token that it must put into the other end of the
  /// handshake before the worker looks. Returns the process id. Throws `Errno` and ``SystemCallError``.
  func spawn(_ program: WorkerProgram, prove: ([UInt8]) throws(Errno) -> Void) throws -> pid_t {
    var inherited = cprocess_inheritance()
    inherited.slot = CInt(slot)
    inherited.handshake = handshake
    inherited.scoreboard = scoreboard
    inherited.listener_count = CInt(listeners.count)
    withUnsafeMutableBytes(of: &inherited.listeners) { room in
      listeners.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(room.count))) }
    }

    var token = [CChar](repeating: 0, count: Int(CPROCESS_TOKEN_BYTES) + 1)
    guard cprocess_token_create(&token) == 0 else { throw Errno(rawValue: errno) }
    try prove(token.dropLast().map(UInt8.init(bitPattern:)))
    var variable = [CChar](repeating: 0, count: 1024)
    guard cprocess_inheritance_describe(&inherited, token, &variable, variable.count) > 0 else {
      throw Errno(rawValue: errno)
    }
    let descriptors = [handshake, scoreboard] + listeners
    let settings = program.settings.map { "\(InheritedSettings.variable)=" + $0 }
    let described = variable.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    let pid = withCStrings([described, Backtracer.variable, settings].compactMap { $0 }) {
      cprocess_start_again(program.descriptor, $0, descriptors, descriptors.count)
    }
    if pid < 0 {
      let failure = Errno(rawValue: errno)
      throw SystemCallError("fork and exec of \(String(cString: cprocess_image_path()))", failure)
    }
    return pid
  }
}

/// The strings as a list of C, which a null ends.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
  let copies = strings.map { UnsafePointer<CChar>(strdup($0)) }
  defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
  return try body(copies + [nil])
}
