internal import Green
public import HTTPTypes

extension HTTPClientResponse {
  /// The content of an answer, which comes when it is asked for.
  ///
  /// What is not read is in the connection's way: read all, or call ``discard()``, or drop the answer, which closes the
  /// connection where something is still to come.
  ///
  /// Unsafe as `Sendable`: several fibers or threads may read, one after the other, which `reading` sees to.
  public final class Body: @unchecked Sendable {
    private let content: any IncomingContent
    private let lease: Lease
    private let timing: Timing
    /// Whose turn it is to read; what went wrong.
    private let reading = Mutex<(any Error)?>(nil)

    /// How much of what nobody wants is read, so that the connection can be used again, and for how long.
    private static let discarded = 65_536
    private static let discarding = Duration.seconds(1)

    init(_ content: any IncomingContent, _ lease: Lease, _ timing: Timing) {
      (self.content, self.lease, self.timing) = (content, lease, timing)
      noteEnd()
    }

    /// Nobody reads on.
    private func giveUp() {
      if !content.hasLeftConnection { content.abandon() }
      lease.end(usable: content.leavesConnectionUsable)
    }

    /// Once all has come, the connection is another's.
    private func noteEnd() { if content.hasLeftConnection { lease.end(usable: content.leavesConnectionUsable) } }

    deinit {
      content.skipReceived()
      giveUp()
    }

    /// Puts at least one byte into `buffer`; 0 once all has been read. Parks or blocks until a byte is there.
    ///
    /// - Throws: ``HTTPClientError``, such as ``HTTPClientError/truncated(received:of:)``, which every further call throws again;
    ///   `Errno`; `CancellationError` and `TimeoutError` as every wait. The connection is closed then.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      try read(into: buffer, timing)
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer, _ timing: Timing) throws -> Int {
      if buffer.isEmpty { return 0 }
      return try reading.withLock(until: timing.deadline) { failure in
        if let failure { throw failure }
        if content.hasEnded { return 0 }
        do {
          let count = try content.read(into: buffer, timing)
          noteEnd()
          return count
        } catch {
          failure = error
          giveUp()
          throw error
        }
      }
    }

    /// Reads at least one byte and at most `count`; none once all has been read. Parks or blocks until then.
    ///
    /// - Throws: as ``read(into:)``.
    public func read(upTo count: Int = 65_536) throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: Swift.max(1, count)) { memory, filled in
        filled = try read(into: UnsafeMutableRawBufferPointer(memory))
      }
    }

    /// The content as lines, which are read one after the other: only one is in memory.
    ///
    /// ```swift
    /// var lines = try client.get(url).body.lines()
    /// while let line = try lines.next() { print(line) }
    /// ```
    ///
    /// - Parameter longest: the most bytes of a line.
    public func lines(longest: Int = 65_536) -> Lines { Lines(self, longest: longest) }

    /// The fields after the content (RFC 9110, 6.5), which are there once it has been read to its end.
    public var trailers: HTTPFields {
      reading.withLock { _ in content.hasEnded ? content.trailers : [:] }
    }

    /// Gives up what has not been read. Where that is little, 64 KB, and comes within a second, the connection can be used
    /// again; else it is closed. Parks or blocks meanwhile.
    public func discard() {
      let timing = Timing(progress: Self.discarding, timing.within(Self.discarding))
      var left = Self.discarded
      withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { scratch in
        while left > 0, let count = try? read(into: scratch, timing), count > 0 { left -= count }
      }
      giveUp()
    }

    /// All that is left.
    func collect(_ limit: Int) throws -> [UInt8] {
      var bytes: [UInt8] = []
      try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { room in
        while case let count = try read(into: room), count > 0 {
          if count > limit - bytes.count {
            giveUp()
            throw HTTPClientError.tooLong(limit: limit)
          }
          bytes += UnsafeRawBufferPointer(rebasing: room[..<count])
        }
      }
      return bytes
    }
  }
}
