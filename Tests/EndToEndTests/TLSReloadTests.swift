import Foundation
import SuiteSupport
import TestSupport
import Testing

/// HUP with another certificate in the place of the first, while connections over TLS are kept: what is in progress on
/// them is answered, they end in order, and new ones get the new certificate.
@Suite(.serialized, .bounded) struct TLSReloadTests {
  @Test(arguments: everyClass)
  func aRequestInProgressIsAnsweredOnItsConnection(_ arguments: [String]) throws {
    let certificates = try Certificates()
    // The request lasts for as long as all that comes now takes.
    let server = try secureServer(arguments + ["--timeout", "600"], certificates, program: "streams")
    let (context, gate) = (try SecureClient.context(certificates), try Gate())
    let keepsConnections = !arguments.contains("sync")
    let busy = try SecureClient(port: server.port, context: context)
    if keepsConnections { #expect(try busy.get("/pid").body == "\(server.workers[0])") }
    let before = server.workers
    try busy.send(Array("GET \(gate.path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    try server.waitForBegun()
    var idle: SecureClient?
    if keepsConnections {
      idle = try SecureClient(port: server.port, context: context)
      #expect(try idle?.get("/pid").body == "\(before[0])")
    }
    #expect(try busy.certificate()?.subject == "CN=first")

    try certificates.renew()
    kill(server.pid, SIGHUP)
    try server.waitUntil("the new certificate") {
      let client = try SecureClient(port: server.port, context: context)
      // The old worker may have taken it, and end it since it stops.
      return (try? client.certificate())?.subject == "CN=renewed"
    }
    if let idle { #expect(try idle.endsInOrder(), "and is not cut") }
    #expect(server.workers.contains(before[0]), "it is waited for: \(server.log)")
    #expect(server.workers.count == 2, "\(server.log)")
    gate.open()
    let answer = try busy.receive()
    #expect(answer.body == "done" && answer.closes)
    #expect(try busy.endsInOrder(), "and is not cut")
    try server.waitUntil("the new worker alone") { server.workers.count == 1 && server.workers != before }
    #expect(server.stop() == 0)
  }

  /// curl says what it is told of the connection.
  @Test func aStreamInProgressIsAnsweredOnItsConnection() throws {
    let certificates = try Certificates()
    let server = try secureServer(["-k", "green", "--http-protocols", "h2,h1"], certificates, program: "streams")
    let (gate, folder) = (try Gate(), try TemporaryFolder())
    let before = server.workers
    let command = """
      exec curl -sv --http2 -m 150 --cacert \(certificates.path("ca.pem")) \
      --resolve localhost:\(server.port):127.0.0.1 https://localhost:\(server.port)\(gate.path) 2>\(folder.path)/said
      """
    let asking = Thread.running { try Program("/bin/sh").run(["-c", command]) }
    try server.waitForBegun()
    #expect(folder.text("said").contains("subject: CN=first"), "\(folder.text("said"))")

    try certificates.renew()
    kill(server.pid, SIGHUP)
    try server.waitUntil("the new certificate") {
      let asked = try curl(server, "/version", certificates, ["-v", "--http2"])
      return asked.errors.contains("subject: CN=renewed") && asked.output.hasPrefix("HTTP/2.0 https ")
    }
    // RFC 9113, 6.8: no error, and the stream goes on.
    #expect(comesTrue { folder.text("said").contains("GOAWAY, error=0") }, "\(folder.text("said"))")
    #expect(server.workers.contains(before[0]), "it is waited for: \(server.log)")
    gate.open()
    let outcome = try asking.get()
    #expect(outcome.status == 0 && outcome.output == "done", "\(folder.text("said"))")
    try server.waitUntil("the new worker alone") { server.workers.count == 1 && server.workers != before }
    #expect(server.stop() == 0)
  }

  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileCertificatesAreReplaced(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments + ["-w", "2"], certificates)
    let (context, port) = (try SecureClient.context(certificates), server.port)
    let load = Load { try SecureClient(port: port, context: context) }
    try server.waitUntil("the first workers' answers") {
      server.workers.count == 2 && load.answering.isSuperset(of: server.workers)
    }
    let shown = try replace(certificates, of: server) { load.answering.isSuperset(of: server.workers) }
    let outcome = load.stop()
    print("3 HUP with new certificates, \(arguments.joined(separator: " ")): \(outcome.summary)")
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count == 8)
    #expect(shown.count == 4, "each reload brought another certificate")
    #expect(server.stop() == 0)
  }

  @Test func noRequestOfHTTP2FailsWhileCertificatesAreReplaced() throws {
    let certificates = try Certificates()
    let server = try secureServer(
      ["-k", "green", "-w", "2", "--http-protocols", "h2,h1"], certificates, program: "streams")
    let load = HTTP2Load(on: server.port, certificates)
    try server.waitUntil("the first workers' answers") {
      server.workers.count == 2 && !load.answering.isDisjoint(with: server.workers)
    }
    // Three connections may all be one worker's.
    let shown = try replace(certificates, of: server) { !load.answering.isDisjoint(with: server.workers) }
    let outcome = try load.stop()
    print("3 HUP with new certificates, HTTP/2: \(outcome.summary)")
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count >= 4)
    #expect(shown.count == 4, "each reload brought another certificate")
    #expect(server.stop() == 0)
  }

  /// Replaces the certificate three times, and waits each time until there are new workers alone, of which enough have
  /// answered. The certificates that new connections have been shown, the first one included.
  private func replace(_ certificates: Certificates, of server: Server, until haveAnswered: () -> Bool) throws
    -> Set<String>
  {
    let context = try SecureClient.context(certificates)
    var shown: Set<String> = []
    func look() throws {
      let certificate = try #require(try SecureClient(port: server.port, context: context).certificate())
      shown.insert(certificate.fingerprint)
    }
    try look()
    for round in 1...3 {
      let before = server.workers
      try certificates.renew()
      kill(server.pid, SIGHUP)
      try server.waitUntil("the workers of reload \(round)") {
        server.workers.count == 2 && Set(server.workers).isDisjoint(with: before) && haveAnswered()
      }
      try look()
    }
    return shown
  }
}
