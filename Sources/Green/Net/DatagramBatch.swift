internal import CGlibc
internal import Glibc
internal import SystemPackage

/// Several datagrams that are received or sent with one system call: `recvmmsg(2)`, `sendmmsg(2)`.
///
/// ```swift
/// let batch = DatagramBatch(capacity: 32, bytesEach: 1500)
/// while true {
///   try socket.receive(into: batch)
///   for datagram in batch { … }
/// }
/// ```
///
/// Its memory is taken once, and reused by each call.
public final class DatagramBatch {
  /// How many datagrams it holds at most.
  public let capacity: Int
  /// The bytes that each may have.
  public let bytesEach: Int
  private let bytes: UnsafeMutableRawBufferPointer
  private let datagrams: UnsafeMutablePointer<cglibc_datagram>
  /// Those before are sent.
  private var first = 0
  private var end = 0

  /// An empty batch. Both numbers are at least 1.
  public init(capacity: Int, bytesEach: Int = 2048) {
    self.capacity = Swift.max(1, capacity)
    self.bytesEach = Swift.max(1, bytesEach)
    bytes = .allocate(byteCount: self.capacity * self.bytesEach, alignment: 16)
    datagrams = .allocate(capacity: self.capacity)
    datagrams.initialize(repeating: cglibc_datagram(), count: self.capacity)
  }

  deinit {
    bytes.deallocate()
    datagrams.deallocate()
  }

  /// One datagram of a batch. It is valid until the batch is changed.
  public struct Element {
    /// What it holds, in the batch's own memory.
    public let bytes: UnsafeRawBufferPointer
    /// Who sent it, or to whom it is to be sent; `nil` for a connected peer or one without a name.
    public let address: SocketAddress?
    /// Whether it was longer than ``DatagramBatch/bytesEach``.
    public let isTruncated: Bool
  }

  /// Adds a datagram to be sent; its bytes are copied.
  ///
  /// - Throws: `Errno.messageTooLong` for more than ``bytesEach``, `Errno.noBufferSpace` when the batch is full.
  public func append(_ bytes: UnsafeRawBufferPointer, to address: SocketAddress? = nil) throws {
    guard bytes.count <= bytesEach else { throw Errno.messageTooLong }
    guard end < capacity else { throw Errno.noBufferSpace }
    let room = room(end)
    room.copyMemory(from: bytes)
    datagrams[end] = cglibc_datagram(
      bytes: room.baseAddress, count: bytes.count, address: address?.storage ?? sockaddr_storage(),
      address_length: address?.length ?? 0, truncated: false)
    end += 1
  }

  /// Forgets all datagrams.
  public func removeAll() {
    first = 0
    end = 0
  }

  private func room(_ index: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: bytes[index * bytesEach..<(index + 1) * bytesEach])
  }

  /// One attempt to receive: how many, or -1 and `errno`.
  fileprivate func receive(from socket: CInt) -> Int {
    removeAll()
    for index in 0..<capacity {
      datagrams[index].bytes = room(index).baseAddress
      datagrams[index].count = bytesEach
    }
    let count = Int(cglibc_receive_datagrams(socket, datagrams, capacity))
    end = Swift.max(0, count)
    return count
  }

  /// One attempt to send what is left: how many are left after it, or -1 and `errno`.
  fileprivate func send(to socket: CInt) -> Int {
    while first < end {
      let count = Int(cglibc_send_datagrams(socket, datagrams + first, end - first))
      if count < 0 { return count }
      first += count
    }
    removeAll()
    return 0
  }
}

extension DatagramBatch: RandomAccessCollection {
  public var startIndex: Int { first }
  public var endIndex: Int { end }

  public subscript(index: Int) -> Element {
    requirement(index >= first && index < end, "the batch has no datagram \(index)")
    let datagram = datagrams[index]
    let address = withUnsafePointer(to: datagram.address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0, length: datagram.address_length) }
    }
    return Element(
      bytes: UnsafeRawBufferPointer(start: datagram.bytes, count: datagram.count),
      address: address.flatMap { $0.isUnnamed ? nil : $0 }, isTruncated: datagram.truncated)
  }
}

extension DatagramBatch {
  /// As how many bytes each counts in the budget of a fiber.
  fileprivate static let bytesPerDatagram = 4096
}

extension DatagramSocket {
  /// Receives as many datagrams as have come, at most as many as the batch holds and 64. Parks until there is one.
  ///
  /// - Returns: how many, at least one. Before, the batch is emptied.
  /// - Throws: as `receive(into:until:)`.
  @discardableResult
  public func receive(into batch: DatagramBatch, until deadline: Deadline = .never) throws -> Int {
    let count = try receiving(until: deadline) { batch.receive(from: descriptor) }
    Hub.spend(bytes: count * DatagramBatch.bytesPerDatagram)
    return count
  }

  /// Sends all datagrams of a batch, and empties it. Parks while the kernel's buffer is full.
  ///
  /// - Throws: as ``send(_:to:until:)``. Those that were sent are gone from the batch then: it begins with the one that
  ///   failed.
  public func send(_ batch: DatagramBatch, until deadline: Deadline = .never) throws {
    let count = batch.count
    try sending(until: deadline) { batch.send(to: descriptor) }
    Hub.spend(bytes: count * DatagramBatch.bytesPerDatagram)
  }
}
