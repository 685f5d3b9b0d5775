import TestSupport

/// One of the tests' own programs with a certificate, once it answers.
func secureServer(
  _ arguments: [String], _ certificates: Certificates, environment: [String: String] = [:], program: String = "secure"
) throws -> Server {
  let server = try Server(
    program,
    ["--certfile", certificates.path("server.pem"), "--keyfile", certificates.path("server.key")] + arguments,
    environment: environment, waits: false)
  try server.waitUntil("a worker") {
    (try? curl(server, "/pid", certificates))?.status == 0
  }
  return server
}

/// Asks it as a client that trusts its authority; `more` are options of curl's.
func curl(_ server: Server, _ path: String, _ certificates: Certificates, _ more: [String] = []) throws
  -> Program.Outcome
{
  try Program(system: "curl").run(
    [
      "-sS", "-m", "\(Int(patience))", "--cacert", certificates.path("ca.pem"),
      "--resolve", "localhost:\(server.port):127.0.0.1", "https://localhost:\(server.port)\(path)",
    ] + more)
}
