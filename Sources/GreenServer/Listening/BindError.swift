package import SystemPackage

/// Why a server cannot listen at an address.
package enum BindError: Error, Equatable, CustomStringConvertible {
  /// The name has no address, or the address cannot be used for the reason given.
  case unresolved(String)
  /// A system call failed.
  case failed(Errno)

  /// What a system call or a socket's option failed with.
  init(_ error: any Error) {
    self = (error as? Errno).map { .failed($0) } ?? .unresolved("\(error)")
  }

  package var description: String {
    switch self {
    case .unresolved(let reason): reason
    case .failed(let error): "\(error)"
    }
  }
}
