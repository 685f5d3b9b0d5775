internal import CFiber
internal import CRedirect
internal import Green

/// libc's blocking calls wait in the hub when a fiber makes them.
///
/// Linking this module is opting in: `sleep`, `read`, `recv`, `connect`, `poll` and the rest, called in a fiber by any
/// code of the process, park the fiber instead of blocking the thread. Outside fibers each is the real call.
public enum Redirect {
  /// Whether the redirect is in force. False in a program that did not bind libc's names to the redirected ones, such
  /// as one that loaded this code at run time.
  public static var isInstalled: Bool { credirect_installed() && credirect_bound() }

  /// Whether a fiber that waits inside `DispatchQueue.sync` parks. Not in a program into which libdispatch was linked
  /// statically by hand and not by `swift build` or `swiftc`, since its own functions win then: there the thread waits
  /// for whatever a fiber waits for, except for a lock.
  public static var parksInDispatch: Bool { credirect_follows_dispatch() }

  /// The redirected functions, by their C names.
  public static var functionNames: [String] { entries.map(\.name) }

  /// Calls `body` with the redirect off for the calling fiber: what it calls blocks the thread, and with it the hub.
  public static func bypass<Result>(_ body: () throws -> Result) rethrows -> Result {
    try bypassingRedirect(body)
  }

  /// The redirect is off for the calling fiber from here to ``resume()``, on the same fiber. The two nest.
  package static func suspend() { cfiber_current()?.pointee.bypass += 1 }

  package static func resume() { cfiber_current()?.pointee.bypass -= 1 }
}

// Called by CRedirect's constructor, before main. It only stores pointers: nothing of the Swift runtime is needed yet.
@_cdecl("credirect_link")
package func linkRedirect() {
  let table = credirect_storage()!
  table.pointee.sleep_until = { NativeWaits.sleep(until: Deadline(nanoseconds: $0)) }
  table.pointee.spent_slice = { NativeWaits.spentSlice() }
  table.pointee.give_way = { NativeWaits.giveWay() }
  table.pointee.wait_descriptor = { NativeWaits.wait(for: $0, events: $1, until: Deadline(nanoseconds: $2)) }
  table.pointee.wait_descriptors = { NativeWaits.wait(for: $0, count: $1, until: Deadline(nanoseconds: $2)) }
  table.pointee.closing = { DescriptorOwners.closing($0) }
  table.pointee.closed = { DescriptorOwners.closed($0, $1) }
  table.pointee.opened = { DescriptorOwners.reopened($0) }
  table.pointee.highest_watched = { DescriptorOwners.highestWatched }
  table.pointee.park = { address, validate, context, deadline in
    NativeWaits.park(address!, until: Deadline(nanoseconds: deadline)) { validate!(context) }
  }
  table.pointee.park_interruptibly = { address, validate, context, deadline in
    NativeWaits.parkInterruptibly(address!, until: Deadline(nanoseconds: deadline)) { validate!(context) }
  }
  table.pointee.unpark = { ParkingLot.unpark($0!, all: $1) }
  table.pointee.offload = { body, context in NativeWaits.offload { body!(context) } }
  table.pointee.bypass = cfiber_bypass
  HubStart.add { _ in Redirect.apply() }
  linkObjects(table)
  linkNames(table)
  credirect_install(table)
}
