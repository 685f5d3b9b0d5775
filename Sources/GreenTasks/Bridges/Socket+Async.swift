public import Green

// Sockets for tasks. A task of a hub may as well call the blocking methods, which park the fiber that runs it; these add
// that cancelling the task ends the wait, that an actor which calls them is free meanwhile, and that tasks of other
// executors may: those wait on the process's hub for tasks.

extension Socket {
  /// As `connect(host:port:attemptDelay:until:configure:)`.
  public static func connect(host: String, port: UInt16) async throws -> sending Socket {
    try await Fiber.run { try connect(host: host, port: port, until: .never) }
  }

  /// As `connect(to:until:configure:)`.
  public static func connect(to address: SocketAddress) async throws -> sending Socket {
    try await Fiber.run { try connect(to: address, until: .never) }
  }

  /// Receives at least one byte and at most `count`; none at the end of the stream.
  ///
  /// - Throws: as `receive(into:until:)`; `CancellationError`.
  public nonisolated(nonsending) func receive(upTo count: Int) async throws -> [UInt8] {
    try await Fiber.runExclusively {
      try [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
        received = try self.receive(into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }

  /// Sends all the bytes.
  ///
  /// - Throws: as `send(_:until:)`; `CancellationError`. Some of the bytes may have been sent then.
  public nonisolated(nonsending) func send(_ bytes: [UInt8]) async throws {
    try await Fiber.runExclusively { try bytes.withUnsafeBytes { try self.send($0) } }
  }

  /// What is received from now on, in pieces of at most `count` bytes, for `for try await` loops: the loop ends with the
  /// stream.
  public func chunks(upTo count: Int = 16384) -> SocketChunks { SocketChunks(socket: self, count: count) }
}

extension Listener {
  /// As `accept(until:)`.
  public nonisolated(nonsending) func accept() async throws -> Socket {
    try await Fiber.runExclusively { try self.accept(until: .never) }
  }

  /// The connections that come, for `for try await` loops, which end only by an error of ``accept()``.
  public var connections: ListenerConnections { ListenerConnections(listener: self) }
}
