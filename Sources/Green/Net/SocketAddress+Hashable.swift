/// Addresses are equal when the kernel would say so: family, address, port and scope.
extension SocketAddress: Hashable {
  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: storage) { body(UnsafeRawBufferPointer(rebasing: $0[..<min($0.count, Int(length))])) }
  }

  public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
    left.withBytes { left in right.withBytes { left.elementsEqual($0) } }
  }

  public func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }
}
