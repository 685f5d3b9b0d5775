internal import CLibGreen
internal import Glibc
internal import Green
internal import SystemPackage

/// A channel of elements whose size C tells when it makes one.
private final class ElementChannel: Sendable {
  /// A copy of an element, on its way.
  final class Parcel: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    /// Throws `ENOMEM`.
    init(copying element: UnsafeRawPointer?, _ size: Int) throws(Errno) {
      guard let room = malloc(max(1, size)) else { throw .noMemory }
      bytes = room
      if let element { bytes.copyMemory(from: element, byteCount: size) }
    }

    deinit { free(bytes) }
  }

  let size: Int
  let parcels: Channel<Parcel>

  /// `nil` where no element, or not as many as that, could ever be had: a `size_t` that C has made of a negative number
  /// is one.
  init?(size: Int, capacity: Int) {
    guard size >= 0, capacity >= 0, !max(size, 1).multipliedReportingOverflow(by: max(capacity, 1)).overflow else {
      return nil
    }
    self.size = size
    parcels = Channel(capacity: capacity)
  }
}

private func reference(_ channel: OpaquePointer) -> Unmanaged<ElementChannel> {
  .fromOpaque(UnsafeRawPointer(channel))
}

@c @implementation
public func green_channel_create(_ size: Int, _ capacity: Int) -> OpaquePointer! {
  guard let channel = ElementChannel(size: size, capacity: capacity) else {
    errno = ENOMEM
    return nil
  }
  return OpaquePointer(Unmanaged.passRetained(channel).toOpaque())
}

@c @implementation
public func green_channel_send(_ channel: OpaquePointer!, _ element: UnsafeRawPointer!, _ deadline: Int64) -> CInt {
  errorNumber {
    let channel = reference(channel).takeUnretainedValue()
    let parcel = try ElementChannel.Parcel(copying: element, channel.size)
    try channel.parcels.send(parcel, until: Deadline(nanoseconds: deadline))
  }
}

@c @implementation
public func green_channel_receive(_ channel: OpaquePointer!, _ element: UnsafeMutableRawPointer!, _ deadline: Int64)
  -> CInt
{
  errorNumber {
    let channel = reference(channel).takeUnretainedValue()
    guard let parcel = try channel.parcels.receive(until: Deadline(nanoseconds: deadline)) else {
      throw ChannelClosed()
    }
    element?.copyMemory(from: parcel.bytes, byteCount: channel.size)
  }
}

@c @implementation
public func green_channel_close(_ channel: OpaquePointer!) { reference(channel).takeUnretainedValue().parcels.close() }

@c @implementation
public func green_channel_count(_ channel: OpaquePointer!) -> Int {
  reference(channel).takeUnretainedValue().parcels.count
}

@c @implementation
public func green_channel_retain(_ channel: OpaquePointer!) -> OpaquePointer! {
  _ = reference(channel).retain()
  return channel
}

@c @implementation
public func green_channel_release(_ channel: OpaquePointer!) {
  if let channel { reference(channel).release() }
}
