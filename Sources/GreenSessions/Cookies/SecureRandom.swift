internal import CSecrets

/// Bytes that nobody can foretell.
enum SecureRandom {
  static func bytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard csecrets_random(&bytes, count) != 0 else { throw SessionError.failed }
    return bytes
  }
}
