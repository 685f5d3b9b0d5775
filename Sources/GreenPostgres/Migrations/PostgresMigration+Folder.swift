internal import FoundationEssentials

extension PostgresMigration {
  /// The migrations in a folder, each in a file `0001_create_notes.sql`, by their numbers. Files of other kinds are passed over.
  ///
  /// - Throws: ``PostgresMigrationError``.
  public static func all(in folder: String) throws -> [PostgresMigration] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }
      return try sorted(
        names.map { name in
          let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
          return try PostgresMigration(name: name, text: String(decoding: bytes, as: UTF8.self))
        })
    } catch let error as PostgresMigrationError {
      throw error
    } catch {
      throw PostgresMigrationError.folder(folder, reason: "\(error)")
    }
  }

  /// - Throws: ``PostgresMigrationError/number(_:_:_:)``.
  static func sorted(_ migrations: [PostgresMigration]) throws -> [PostgresMigration] {
    let sorted = migrations.sorted { $0.number < $1.number }
    for (one, other) in zip(sorted, sorted.dropFirst()) where one.number == other.number {
      throw PostgresMigrationError.number(one.number, one.name, other.name)
    }
    return sorted
  }
}
