import SystemPackage

/// Why a log's file cannot be opened. Its description ends a sentence.
enum LogOpeningFault: Error, CustomStringConvertible {
  case system(Errno)
  /// See ``SharedLogFile``.
  case link
  case severalNames
  case changes

  var description: String {
    switch self {
    case .system(let error): "\(error)"
    case .link:
      "it is a symbolic link that root has not made, and root does not follow it for others: name the file itself"
    case .severalNames: "it has several names and is not the workers': root does not write to it for them"
    case .changes: "somebody keeps putting others in its place"
    }
  }
}
