/// The name and the password of a request, by HTTP's basic authentication (RFC 7617). Nobody has checked them.
public struct BasicCredentials: Sendable, Hashable {
  /// Who the client says that it is.
  public var name: String
  /// What it says to prove that. Compare it by a function that takes the same time whatever it is.
  public var password: String

  /// A name and a password.
  public init(name: String, password: String) { (self.name, self.password) = (name, password) }
}
