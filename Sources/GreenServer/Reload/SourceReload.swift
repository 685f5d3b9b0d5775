import Glibc
import Green
import Logging

/// Follows the sources of the program, `--reload`: when they change it is built, and when that succeeds new workers take the
/// place of the old, as after HUP. Until then those go on.
///
/// All of it is done between two looks at the workers; the build is a process of its own.
final class SourceReload {
  private let tree: SourceTree
  private let command: BuildCommand
  private let watch: SourceWatch
  private let notice: BuildNotice?
  private let logger: Logger
  /// What the sources were when they were last looked at.
  private var known: SourceTree.Look
  /// The folders that are watched.
  private var watched: [String]
  /// What has changed since the last build began, and when to build.
  private var changes: Set<String> = []
  private var buildAt: Int64?
  private var build: Build?
  /// What is to be told when a worker of a later generation serves.
  private var awaited: (after: Int, saved: Duration?)?

  /// How long nothing must change before it is built: an editor, or git, writes file after file.
  private static let settling: Int64 = 100_000_000

  /// So often folders are looked at at once, however fast new ones come.
  private static let mostLooks = 8

  /// `nil` where sources are not to be followed. Throws ``ReloadFault``.
  init?(_ configuration: Configuration, _ logger: Logger) throws(ReloadFault) {
    // Programs in Python follow their own sources, which nobody builds.
    guard configuration.reload, !ServerSettings.hostsPython else { return nil }
    command = try BuildCommand.own(configuration)
    let start = WorkingFolder.now
    tree = SourceTree(
      package: command.package, extraFiles: configuration.reloadExtraFiles.map { Configuration.path($0, in: start) })
    watch = try SourceWatch(configuration.reloadEngine, at: monotonicNanoseconds())
    notice = BuildNotice()
    self.logger = logger
    known = tree.look()
    watched = known.folders
    watch.follow(watched, tree.extraFiles)
    logger.info("Watching the sources in \(command.package), \(known.files.count) files: \(command.shown)")
    // What has changed before it was watched.
    look(at: monotonicNanoseconds())
  }

  /// What the master waits for besides its own.
  var polled: [pollfd] {
    [watch.descriptor, build?.descriptor].compactMap(\.self).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  }

  /// When there is something to do at the latest.
  var due: Int64? { [watch.due, build == nil ? buildAt : nil].compactMap(\.self).min() }

  /// Does what is to be done. Returns whether workers are to be replaced, which are of that generation.
  func turn(at now: Int64, generation: Int) -> Bool {
    build?.passOn()
    if watch.isHinted(at: now) { look(at: now) }
    guard build == nil, let buildAt, now >= buildAt else { return false }
    self.buildAt = nil
    let built = changes.subtracting(tree.extraFiles)
    if built.isEmpty {
      logger.info("\(shown(changes)) changed: no source of the program, which is not built")
      expect(generation)
      return true
    }
    begin(built, at: now)
    return false
  }

  private func look(at now: Int64) {
    let before = known
    known = tree.look()
    // What comes into a new folder before that is watched is found by another look, which may find new folders itself.
    for _ in 0..<Self.mostLooks where known.folders != watched {
      watched = known.folders
      watch.follow(known.folders, tree.extraFiles)
      known = tree.look()
    }
    let changed = known.changes(since: before)
    if changed.isEmpty { return }
    changes.formUnion(changed)
    buildAt = now + Self.settling
  }

  private func begin(_ changed: Set<String>, at now: Int64) {
    logger.info("\(shown(changed)) changed: \(command.shown)")
    do throws(ReloadFault) {
      build = try Build(command, at: now)
    } catch {
      logger.error("\(error)")
    }
  }

  /// A process has ended. Returns whether workers are to be replaced; `nil` where it was not the build.
  func ended(_ pid: pid_t, _ ending: Ending, generation: Int, at now: Int64) -> Bool? {
    guard let build, build.pid == pid else { return nil }
    build.passOn()
    self.build = nil
    let time = Self.seconds(.nanoseconds(now - build.began))
    let complaints = ending == .exited(0) ? [] : build.complaints
    notice?.tell(complaints)
    guard ending == .exited(0) else {
      for complaint in complaints { logger.error("\(complaint)") }
      logger.error("The build \(ending) after \(time); the workers of before go on")
      return false
    }
    // What has changed meanwhile may be in the program, or not: it is built again.
    if buildAt == nil { expect(generation) }
    logger.info("Built in \(time)")
    return true
  }

  /// All that has changed is in what workers of the next generation run.
  private func expect(_ generation: Int) {
    awaited = (generation, known.lastWritten(of: Array(changes)))
    changes = []
  }

  /// A worker serves. The first of a new program is told of.
  func served(_ generation: Int) {
    guard let awaited, generation > awaited.after else { return }
    self.awaited = nil
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let time = awaited.saved.map { .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) - $0 }
    logger.info("The new program serves\(time.map { ", \(Self.seconds($0)) after it was saved" } ?? "")")
  }

  /// Ends the build that may run.
  func end() {
    build?.kill()
    notice?.remove()
  }

  /// Of the paths those first that a person wants to read.
  private func shown(_ paths: Set<String>) -> String {
    let own = paths.sorted().map {
      $0.hasPrefix(tree.package + "/") ? String($0.dropFirst(tree.package.count + 1)) : $0
    }
    let first = own.prefix(3).map { LogText.escaped($0) }.joined(separator: ", ")
    return own.count > 3 ? "\(first) and \(own.count - 3) more have" : own.count > 1 ? first + " have" : first + " has"
  }

  private static func seconds(_ time: Duration) -> String {
    let hundredths = max(0, time.wholeNanoseconds / 10_000_000)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
  }
}
