internal import Glibc
package import SystemPackage

/// The names of what lies in a folder, in no order, without those that begin with a dot: editors keep theirs so.
///
/// - Throws: what `opendir(3)` says.
package func names(inFolder path: String) throws(Errno) -> [String] {
  guard let stream = opendir(path) else { throw Errno(rawValue: errno) }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names
}
