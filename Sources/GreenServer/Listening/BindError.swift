package import SystemPackage

/// Why a server cannot listen at an address.
package enum BindError: Error, Equatable, CustomStringConvertible {
  /// The name has no address.
  case unresolved(String)
  /// A system call failed.
  case failed(Errno)

  package var description: String {
    switch self {
    case .unresolved(let reason): reason
    case .failed(let error): "\(error)"
    }
  }
}
