/// Whose all paths below a prefix are, registered or not.
struct PathOwner: Sendable {
  /// Where it is for some hosts alone.
  let host: HostPattern?
  let prefix: String
  /// The blueprints, the outermost first.
  let scopes: [_ScaffoldState]
}
