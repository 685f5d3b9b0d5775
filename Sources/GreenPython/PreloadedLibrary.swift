import CGlibc
import CGreenPython
import Glibc

/// What `LD_PRELOAD` is to say of a library. Spaces and colons end a name there, and nothing can quote them: where the library's
/// path has one, its folder goes by the number of a descriptor.
struct PreloadedLibrary {
  let name: String
  /// The folder's descriptor, which those that load the library must have too; it stays open as long as the process.
  let folder: CInt?

  init(_ path: String) {
    let isPlain = !path.contains { $0 == ":" || $0.isWhitespace }
    let parts = path.split(separator: "/")
    let place = "/" + parts.dropLast().joined(separator: "/")
    let descriptor = isPlain ? -1 : cglibc_open_directory(place)
    guard descriptor >= 0, let file = parts.last else {
      (name, folder) = (path, nil)
      return
    }
    // The library finds those beside it by the same name.
    name = "\(CGREENPYTHON_FOLDERS)\(descriptor)/\(file)"
    folder = descriptor
  }
}
