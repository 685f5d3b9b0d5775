import CGlibc
import CProcess
import Glibc

extension Handshake {
  enum Packet<Meaning> {
    case packet(Meaning)
    /// Nothing for now.
    case nothing
    /// The other side is gone.
    case end
  }

  /// Takes packets out without waiting until `read` makes something of one: of its bytes, and of the files that came with
  /// them, which are its own then. Those that it makes nothing of are skipped.
  func receivePacket<Meaning>(_ read: (UnsafeRawBufferPointer, [CInt]) -> Meaning?) -> Packet<Meaning> {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: HandshakeMessage.mostBytes, alignment: 1)
    defer { bytes.deallocate() }
    var files = [CInt](repeating: -1, count: Int(CGLIBC_MOST_DESCRIPTORS))
    while true {
      var (number, isTruncated) = (0, false)
      let count = cglibc_receive_descriptors(
        descriptor, bytes.baseAddress, bytes.count, &files, &number, &isTruncated)
      if count == 0 { return .end }
      if count < 0 {
        if errno == EINTR { continue }
        return errno == EAGAIN ? .nothing : .end
      }
      let received = Array(files[..<number])
      if let meaning = read(UnsafeRawBufferPointer(rebasing: bytes[..<count]), received) { return .packet(meaning) }
      for file in received { Glibc.close(file) }
    }
  }

  /// Sends bytes with a file. Throws nothing: whoever does not get it goes without. Whether it was sent.
  func send(_ text: String, with file: CInt) -> Bool {
    let bytes = Array(text.utf8)
    return cglibc_send_descriptors(descriptor, bytes, bytes.count, [file], 1) == bytes.count
  }

  /// Hands over what is too long for a message, in a file in memory.
  func hand(over text: String) {
    let file = cprocess_memory_file("greenfinch-figures")
    guard file >= 0 else { return }
    defer { Glibc.close(file) }
    writeAll(text, to: file)
    _ = send("figures", with: file)
  }
}
