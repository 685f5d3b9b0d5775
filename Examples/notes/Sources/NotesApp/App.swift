import GreenOpenAPI
import GreenPostgres
import GreenSessions
import GreenTemplates
import Greenfinch

/// What the program is told, and what each of its workers opens for itself.
public enum Resources {
  /// `DATABASE_URL`, `SECRET_KEY`, `FOLDER` and `UPLOADS` of the environment, or of a file `settings.env`.
  public static let settings = AppConfiguration()

  public static let database = Resource {
    try openDatabase()
  } close: { database in
    database.close()
  }

  @Sendable static func openDatabase() throws -> Postgres {
    try Postgres(settings.get("DATABASE_URL", default: "postgresql:///notes"), connections: 10)
  }
}

/// The whole application: pages for people, and an interface for programs below `/api`.
///
/// - Parameters:
///   - folder: where `migrations`, `static` and `templates` are.
///   - uploads: where pictures are kept: all workers have to see the same, and nobody else.
public func makeApp(folder: String? = nil, uploads: String? = nil) throws -> App {
  let app = App()
  let settings = Resources.settings
  let folder = try folder ?? settings.get("FOLDER", default: "Examples/notes")
  let pictures = Pictures(folder: try uploads ?? settings.require("UPLOADS"))

  app.prepare(migrations: "\(folder)/migrations") { try Resources.openDatabase() }
  app.open(Resources.database)

  app.use(SecurityHeaders())
  app.files("/static", from: FileFolder("\(folder)/static", headers: [.cacheControl: "max-age=3600"]))
  app.serveOpenAPI(title: "Notes", version: "1.0", description: "Notes with pictures, for people and for programs.")
  app.register(try pages(pictures, Templates(folder: "\(folder)/templates")))
  app.register(api(pictures), at: "/api")
  return app
}
