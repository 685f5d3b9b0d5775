internal import Foundation

extension Service {
  /// PostgreSQL, which `DATABASE_URL` names.
  public static func postgres() throws -> Service {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    guard let newest = versions.compactMap({ Int($0) }).max() else { throw Failure("postgresql is not installed") }
    let programs = "/usr/lib/postgresql/\(newest)/bin"
    let (folder, port) = (try TemporaryFolder(), try freePort())
    let data = folder.path + "/data"
    // PostgreSQL refuses to run as root.
    var asUser: [String] = []
    if geteuid() == 0 {
      guard let user = getpwnam("postgres")?.pointee else { throw Failure("there is no user 'postgres'") }
      chown(folder.path, user.pw_uid, user.pw_gid)
      asUser = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    }
    let run = { (words: [String]) in
      asUser.isEmpty ? (words[0], Array(words.dropFirst())) : ("/usr/bin/setpriv", asUser + words)
    }
    let (initialise, itsArguments) = run([
      programs + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale",
    ])
    try Child.run(initialise, itsArguments, log: folder.path + "/initdb")
    let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "fsync=off"]
    let (server, arguments) = run(
      [programs + "/postgres", "-D", data, "-p", "\(port)"] + settings.flatMap { ["-c", $0] })
    let url = "postgresql://postgres@127.0.0.1:\(port)/postgres"
    return try Service(
      folder, server, arguments, environment: ["DATABASE_URL": url], stopSignal: SIGINT
    ) {
      try Child(programs + "/pg_isready", ["-d", url], log: folder.path + "/ready").wait() == 0
    }
  }

  package static func mariadb() throws -> Service {
    let (folder, port) = (try TemporaryFolder(), try freePort())
    let common = ["--no-defaults", "--datadir=\(folder.path)/data"] + (geteuid() == 0 ? ["--user=root"] : [])
    try Child.run(
      "/usr/bin/mariadb-install-db", common + ["--skip-test-db", "--auth-root-authentication-method=normal"],
      log: folder.path + "/install")
    return try Service(
      folder, "/usr/sbin/mariadbd",
      common + [
        "--port=\(port)", "--bind-address=127.0.0.1", "--socket=\(folder.path)/socket", "--pid-file=\(folder.path)/pid",
        "--max-connections=300", "--back-log=300", "--skip-name-resolve", "--innodb-fast-shutdown=2",
      ],
      environment: ["DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": "\(port)", "DATABASE_USER": "root"]
    ) { accepts(port) }
  }

  package static func redis() throws -> Service {
    let (folder, port) = (try TemporaryFolder(), try freePort())
    return try Service(
      folder, "/usr/bin/redis-server",
      ["--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir", folder.path],
      environment: ["REDIS_HOST": "127.0.0.1", "REDIS_PORT": "\(port)"]
    ) { accepts(port) }
  }
}
