#if ServiceLifecycle
  public import GreenServer

  /// That a service cannot listen at an address, and why.
  public struct ListenError: Error, CustomStringConvertible {
    /// The address.
    public let address: BindAddress
    /// What failed: `Errno.addressInUse` where somebody else listens there.
    public let reason: any Error

    public var description: String { "Cannot listen at \(address): \(reason)." }
  }
#endif
