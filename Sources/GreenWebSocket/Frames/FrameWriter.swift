internal import Green
internal import GreenHTTP

/// Writes messages as frames, one for each.
final class FrameWriter {
  private let stream: any ByteStream
  /// Whether this side is a client, which masks.
  private let masks: Bool
  private let pace: Pace
  private var deflater: Deflater?
  private var random = SystemRandomNumberGenerator()

  init(_ stream: any ByteStream, masks: Bool, pace: Pace, compression: AgreedCompression?) {
    self.stream = stream
    self.masks = masks
    self.pace = pace
    deflater = compression.map(Deflater.init)
  }

  deinit { deflater?.end() }

  /// Sends a message. Parks or blocks until the kernel has taken it. Throws the stream's `Errno`.
  ///
  /// - Parameter deadline: `nil` for as long as the peer keeps to the pace.
  func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer, until deadline: Deadline? = nil) throws {
    pace.begin()
    if !opcode.isControl, let threshold = deflater?.agreed.compression.threshold, payload.count >= threshold {
      // Taken out for the time: an error leaves no half of a context behind.
      var compressor = deflater
      deflater = nil
      let compressed = try compressor?.compress(payload) ?? []
      deflater = compressor
      return try compressed.withUnsafeBytes { try sendFrame(opcode, $0, isCompressed: true, until: deadline) }
    }
    try sendFrame(opcode, payload, isCompressed: false, until: deadline)
  }

  private func sendFrame(
    _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isCompressed: Bool, until deadline: Deadline?
  ) throws {
    let head = FrameHead(
      opcode: opcode, isCompressed: isCompressed, mask: masks ? random.next() : nil, length: payload.count)
    try withUnsafeTemporaryAllocation(byteCount: FrameHead.longest + payload.count, alignment: 16) { frame in
      let size = head.write(to: frame)
      let place = UnsafeMutableRawBufferPointer(rebasing: frame[size..<size + payload.count])
      place.copyMemory(from: payload)
      if let mask = head.mask { Masking.apply(mask, to: place) }
      let bytes = UnsafeRawBufferPointer(rebasing: frame[..<(size + payload.count)])
      if let deadline { try stream.send(bytes, until: deadline) } else { try stream.send(bytes, pace: pace) }
    }
  }
}
