import SystemPackage

/// A file's bytes, up to 1 MB: more is not a file of settings.
func contents(of path: String) throws(ConfigurationFileError) -> [UInt8] {
  do {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      while bytes.count <= 1 << 20 {
        let count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 65_536))
        let read = try bytes.withUnsafeMutableBytes {
          try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
        }
        bytes.removeLast(65_536 - read)
        if read == 0 { return bytes }
      }
      throw ConfigurationFileError(description: "\(path) is longer than 1 MB.")
    }
  } catch let error as ConfigurationFileError {
    throw error
  } catch {
    throw ConfigurationFileError(description: "\(path) cannot be read: \(error).")
  }
}
