internal import CRedirect
public import Green

extension Redirect {
  /// One redirected function.
  public struct Entry: Sendable, Hashable {
    /// Its name in C.
    public let name: String
    /// Its family; empty for what is only seen, and cannot be switched off: `close` and the like.
    public let families: RedirectFamilies
    /// Its page in the manual, such as `recv(2)`.
    public let page: String
    /// What it does in a fiber.
    public let promise: String
  }

  /// The redirected functions: every name of the C library that a program with the redirect defines.
  public static var entries: [Entry] {
    sequence(state: 0) { (index: inout Int) in
      defer { index += 1 }
      return credirect_entry_at(index).map(entry)
    }.map { $0 }
  }

  private static func entry(_ entry: UnsafePointer<credirect_entry>) -> Entry {
    Entry(
      name: String(cString: entry.pointee.name),
      families: RedirectFamilies(rawValue: entry.pointee.family).intersection(.all),
      page: String(cString: entry.pointee.page), promise: String(cString: entry.pointee.promise))
  }

  /// The families that are redirected, `Settings.redirect` at first. To be set before the first fiber runs: a fiber that
  /// waits already goes on as it is, and a lock that was taken one way must not be given back the other.
  public static var families: RedirectFamilies {
    get { RedirectFamilies(rawValue: credirect_get_families()).intersection(.all) }
    set {
      Settings.redirect.value = newValue
      credirect_set_families(newValue.rawValue)
    }
  }

  /// What the settings say is in force from now on.
  static func apply() {
    credirect_set_families(Settings.redirect.value.rawValue)
    let bytes = Settings.fileOffload.value
    credirect_set_file_offload(bytes == 0 ? .max : bytes)
  }
}
