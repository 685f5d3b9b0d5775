import CProcess
import Glibc
import SystemPackage

/// What a master hands to a worker, or to the master that is to take its place.
struct Inheritance: Equatable {
  /// The worker's place on the scoreboard; for a successor the process id of the master before it.
  var slot: Int
  var handshake: CInt
  var scoreboard: CInt
  var listeners: [CInt]

  /// What this process inherited from its master; `nil` when it is none's worker.
  static var own: Inheritance? {
    guard let inherited = cprocess_worker_inheritance() else { return nil }
    return Inheritance(inherited.pointee)
  }

  /// What this process inherited from the master whose place it is to take; `nil` where there is none.
  static var ofSuccessor: Inheritance? {
    guard let inherited = cprocess_successor_inheritance() else { return nil }
    return Inheritance(inherited.pointee)
  }

  /// Waits until the master of a worker that was forked has spoken in the handshake: from then on this is what the process
  /// inherited. Returns whether it has.
  func take() -> Bool {
    var inherited = forC
    return cprocess_become_worker(&inherited) == 0
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
    let described = try describe(for: CPROCESS_WORKER_VARIABLE, prove)
    return try ProcessStart(
      path: program.image?.path, image: program.descriptor, arguments: program.image?.arguments,
      variables: [described, program.image == nil ? Backtracer.variable : nil].compactMap(\.self) + program.variables,
      inherited: descriptors + (program.image?.descriptors ?? []), streams: program.streams
    ).run()
  }

  /// Starts the program on disk as the master that is to take this one's place; the rest as ``spawn(_:prove:)``.
  func spawnSuccessor(prove: ([UInt8]) throws(Errno) -> Void) throws -> pid_t {
    let described = try describe(for: CPROCESS_SUCCESSOR_VARIABLE, prove)
    return try ProcessStart(
      path: String(cString: cprocess_image_file()), variables: [described], inherited: descriptors, outlives: true
    ).run()
  }

  var descriptors: [CInt] { [handshake, scoreboard] + listeners }

  private var forC: cprocess_inheritance {
    var inherited = cprocess_inheritance()
    inherited.slot = CInt(slot)
    inherited.handshake = handshake
    inherited.scoreboard = scoreboard
    inherited.listener_count = CInt(listeners.count)
    withUnsafeMutableBytes(of: &inherited.listeners) { room in
      listeners.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(room.count))) }
    }
    return inherited
  }

  /// The variable that tells of all this, with a token that proves it.
  private func describe(for variable: String, _ prove: ([UInt8]) throws(Errno) -> Void) throws(Errno) -> String {
    var inherited = forC
    var token = [CChar](repeating: 0, count: Int(CPROCESS_TOKEN_BYTES) + 1)
    guard cprocess_token_create(&token) == 0 else { throw Errno(rawValue: errno) }
    try prove(token.dropLast().map(UInt8.init(bitPattern:)))
    var text = [CChar](repeating: 0, count: 1024)
    guard cprocess_inheritance_describe(variable, &inherited, token, &text, text.count) > 0 else {
      throw Errno(rawValue: errno)
    }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
  }
}
