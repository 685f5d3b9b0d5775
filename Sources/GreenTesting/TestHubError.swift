internal import Green

/// What can be wrong about the use of a ``TestHub``.
public enum TestHubError: Error, Equatable, CustomStringConvertible {
  /// `GREEN_TEST_SEED` of the environment is not a number from 0 to 18446744073709551615.
  case seed(String)

  public var description: String {
    switch self {
    case .seed(let text): "GREEN_TEST_SEED is \"\(text)\", which is not a number from 0 to \(UInt64.max)"
    }
  }
}
