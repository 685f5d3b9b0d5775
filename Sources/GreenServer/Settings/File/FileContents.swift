import Green
import SystemPackage

/// A file's bytes, up to 1 MB: more is not a file of settings.
func contents(of path: String) throws(ConfigurationFileError) -> [UInt8] {
  do throws(Errno) {
    return try contents(ofFile: path, upTo: 1 << 20)
  } catch .fileTooLarge {
    throw ConfigurationFileError(description: "\(path) is longer than 1 MB.")
  } catch {
    throw ConfigurationFileError(description: "\(path) cannot be read: \(error).")
  }
}
