import Glibc

/// What the machine knows of users and groups: `getpwnam(3)`, `getgrnam(3)`. May read files and ask servers; to be called
/// before other threads do.
enum AccountLookup {
  struct User: Equatable {
    let id: UInt32
    let group: UInt32
    /// `nil` for a number that is nobody's.
    let name: String?
  }

  static func user(named name: String) -> User? { getpwnam(name).map(User.init) }
  static func user(_ id: UInt32) -> User? { getpwuid(id).map(User.init) }
  static func group(named name: String) -> UInt32? { getgrnam(name)?.pointee.gr_gid }

  /// Every group of a user, one of which is given: `getgrouplist(3)`.
  static func groups(of name: String, and group: UInt32) -> [UInt32] {
    var count: CInt = 64
    while true {
      var groups = [gid_t](repeating: 0, count: Int(count))
      if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
      if count <= CInt(groups.count) { return [group] }
    }
  }
}

extension AccountLookup.User {
  fileprivate init(_ entry: UnsafeMutablePointer<passwd>) {
    self.init(
      id: entry.pointee.pw_uid, group: entry.pointee.pw_gid, name: entry.pointee.pw_name.map { String(cString: $0) })
  }
}
