import CProcess
import Glibc

/// The user and the groups that workers are of.
struct ProcessOwner: Equatable {
  let file: FileOwner
  /// Beside the group of its files.
  let groups: [UInt32]

  /// Whether this process is it already.
  var isOwn: Bool { file.user == geteuid() && file.group == getegid() }

  /// As `GREENFINCH_OWNER` says it to a worker: `USER:GROUP:GROUP,GROUP`.
  var assignment: String {
    "\(CPROCESS_OWNER_VARIABLE)=\(file.user):\(file.group):" + groups.map { "\($0)" }.joined(separator: ",")
  }
}

extension Configuration {
  /// Whom workers are to be; `nil` where they are who starts the server. Throws where a name means nobody.
  func owner() throws(ConfigurationError) -> ProcessOwner? {
    let (userText, groupText) = (self.user, self.group)
    if userText == nil && groupText == nil { return nil }
    let user = try userText.map { (text) throws(ConfigurationError) in try account(text) }
    let id = user?.id ?? geteuid()
    var group = user?.group ?? getegid()
    if let groupText { group = try groupNumber(groupText) }
    var groups = [group]
    if self.initgroups, let name = user?.name { groups = AccountLookup.groups(of: name, and: group) }
    return ProcessOwner(file: FileOwner(user: id, group: group), groups: groups)
  }

  /// Throws where workers are to be somebody whom only root can make of them, and this process is not root.
  func checkOwner() throws(ConfigurationError) {
    guard let owner = try owner(), !owner.isOwn, geteuid() != 0 else { return }
    let setting: any AnyServerSetting =
      owner.file.user == geteuid() ? ServerSettings.process.group : ServerSettings.process.user
    throw complaint(
      about: setting, setting.text(in: self),
      "whom only root can make of a process: start the server as root, or leave it to systemd by User= and Group=")
  }

  private func account(_ text: String) throws(ConfigurationError) -> AccountLookup.User {
    let byNumber = UInt32(text).map {
      AccountLookup.user($0) ?? AccountLookup.User(id: $0, group: getegid(), name: nil)
    }
    if let user = byNumber ?? AccountLookup.user(named: text) { return user }
    throw complaint(about: ServerSettings.process.user, text, "which is not a user of this machine, nor a number")
  }

  private func groupNumber(_ text: String) throws(ConfigurationError) -> UInt32 {
    if let number = UInt32(text) ?? AccountLookup.group(named: text) { return number }
    throw complaint(about: ServerSettings.process.group, text, "which is not a group of this machine, nor a number")
  }
}
