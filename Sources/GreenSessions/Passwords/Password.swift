internal import CSecrets
internal import Green

/// Hashes of passwords: yescrypt, by libcrypt, some 30 ms each, during which a thread is used and no hub waits.
///
/// ```swift
/// let hash = try Password.hash(form.password)
/// guard try Password.verify(form.password, against: user?.hash) else { throw HTTPError(.unauthorized) }
/// ```
public enum Password {
  /// The hash of a password, with a salt of its own: `$y$…` of `crypt(5)`. Parks while a thread makes it.
  ///
  /// - Parameters:
  ///   - password: what was typed, at most 511 bytes, without NUL characters.
  ///   - cost: from 1 to 11; each one more takes about twice as long. 5 is what `crypt(5)` recommends.
  /// - Throws: ``PasswordError``; `CancellationError` and the like as every wait.
  public static func hash(_ password: String, cost: Int = 5) throws -> String {
    try check(password)
    requirement((1...11).contains(cost), "the cost of a password's hash is from 1 to 11, not \(cost)")
    return try offload {
      let hash = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CSECRETS_HASH)) { hash in
        csecrets_hash_password(password, UInt(cost), hash.baseAddress) != 0 ? String(cString: hash.baseAddress!) : nil
      }
      guard let hash else { throw PasswordError.failed }
      return hash
    }
  }

  /// Whether a password has this hash, of any method that `crypt(5)` knows. Parks while a thread finds out.
  ///
  /// - Parameters:
  ///   - password: what was typed.
  ///   - hash: `nil` where there is no such user: it takes as long and is `false`, so that nobody learns who is one.
  /// - Throws: `CancellationError` and the like as every wait.
  public static func verify(_ password: String, against hash: String?) throws -> Bool {
    // Nobody has such a password; the time it takes is the same all the same.
    let isPossible = (try? check(password)) != nil
    let tried = isPossible ? password : ""
    return try offload {
      let isSame = csecrets_verify_password(tried, hash ?? nobodys) != 0
      return isSame && isPossible && hash != nil
    }
  }

  private static func check(_ password: String) throws {
    if password.utf8.contains(0) { throw PasswordError.nul }
    if password.utf8.count > 511 { throw PasswordError.tooLong(password.utf8.count) }
  }

  /// Of a password that nobody knows.
  private static let nobodys = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"
}
