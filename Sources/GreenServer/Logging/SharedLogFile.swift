import Glibc
import Green
import SystemPackage

/// A log's file that root opens, for workers who are somebody else. That user may be able to write to its folder, and so to put
/// anything under its name: as in CVE-2016-1247 of nginx.
///
/// A file that is missing is made, and is the workers'. What is there stays whose it is, but for what nobody could have put
/// anything into yet: an empty file of root's, as logrotate's `create` makes it, and a pipe or a terminal. A symbolic link is
/// followed where root has made it, and a file with several names is opened only where it is the workers' own.
struct SharedLogFile {
  let path: String
  let owner: FileOwner

  private static let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK

  /// The descriptor to write to. Never waits.
  func open() throws(LogOpeningFault) -> CInt {
    // Whoever else has the folder may put another in its place between two steps.
    for _ in 0..<10 {
      if let descriptor = try make() { return descriptor }
      if let descriptor = try openPresent() { return descriptor }
    }
    throw .changes
  }

  /// Makes the file; `nil` where something is there.
  private func make() throws(LogOpeningFault) -> CInt? {
    do throws(Errno) {
      let descriptor = try systemCall { Glibc.open(path, Self.flags | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644) }
      try give(descriptor)
      return descriptor
    } catch {
      if error == .fileExists { return nil }
      throw .system(error)
    }
  }

  /// Opens what is there; `nil` where that has gone meanwhile.
  private func openPresent() throws(LogOpeningFault) -> CInt? {
    do throws(Errno) {
      return try checked(try systemCall { Glibc.open(path, Self.flags | O_NOFOLLOW) }, isBehindLink: false)
    } catch {
      if error == .noSuchFileOrDirectory { return nil }
      // What `checked` has refused.
      if error == .tooManyLinks { throw .severalNames }
      if error == .tooManySymbolicLinkLevels { return try openBehindLink() }
      throw .system(error)
    }
  }

  /// Opens what a link of root's leads to; `nil` where the link is another by then.
  private func openBehindLink() throws(LogOpeningFault) -> CInt? {
    guard let link = linkStatus() else { return nil }
    if link.st_uid != 0 { throw .link }
    do throws(Errno) {
      let descriptor = try systemCall { Glibc.open(path, Self.flags) }
      // A link that was put there for a moment is another, or has been changed since.
      if let now = linkStatus(), now.isSame(as: link) { return try checked(descriptor, isBehindLink: true) }
      close(descriptor)
      return nil
    } catch {
      if error == .tooManyLinks { throw .severalNames }
      throw .system(error)
    }
  }

  /// The link that is there; `nil` where there is none.
  private func linkStatus() -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK ? status : nil
  }

  /// Gives the workers what has been opened, where it may be theirs. Closes it, and throws `Errno.tooManyLinks`, where it must
  /// not be written to.
  private func checked(_ descriptor: CInt, isBehindLink: Bool) throws(Errno) -> CInt {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = Errno(rawValue: errno)
      close(descriptor)
      throw error
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    if isRegular && status.st_nlink > 1 && status.st_uid != owner.user {
      close(descriptor)
      throw .tooManyLinks
    }
    if isRegular {
      let isNew = status.st_uid == 0 && status.st_nlink == 1 && status.st_size == 0
      if isNew && !isBehindLink { try give(descriptor) }
    } else if status.st_mode & S_IWOTH == 0 {
      try give(descriptor)
    }
    return descriptor
  }

  private func give(_ descriptor: CInt) throws(Errno) {
    do throws(Errno) {
      try owner.take(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }
}

extension stat {
  /// Whether it is of the same link, which nobody has moved away and back.
  fileprivate func isSame(as other: stat) -> Bool {
    st_dev == other.st_dev && st_ino == other.st_ino && st_ctim.tv_sec == other.st_ctim.tv_sec
      && st_ctim.tv_nsec == other.st_ctim.tv_nsec
  }
}
