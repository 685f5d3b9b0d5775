import Foundation
import SuiteSupport
import TestSupport
import Testing

/// The files of a server that speaks TLS: certificates, keys, what authorities say; and the library, which others do without.
@Suite(.serialized, .bounded) struct TLSFileTests {
  @Test func aNewCertificateIsServedAfterAReloadAndNoConnectionIsLost() throws {
    let certificates = try Certificates()
    let server = try secureServer(["-k", "green", "-w", "2"], certificates)
    let results = atOnce(4) { index -> Int in
      if index == 0 {
        usleep(300_000)
        try certificates.renew()
        kill(server.pid, SIGHUP)
        return 0
      }
      var failures = 0
      for _ in 0..<40 {
        // For half a second a worker that stops waits for one that has connected and sent nothing yet.
        let isServed = try holds(within: 0.5) { try curl(server, "/plain", certificates).output == "Hello World!" }
        if !isServed { failures += 1 }
      }
      return failures
    }
    for result in results { #expect(try result.get() == 0, "\(server.log)") }
    try server.waitUntil("the new certificate") {
      try Program("/bin/sh").run([
        "-c",
        "openssl s_client -connect 127.0.0.1:\(server.port) </dev/null 2>/dev/null | openssl x509 -noout -subject",
      ]).output.contains("renewed")
    }
    try "nonsense".write(toFile: certificates.path("server.pem"), atomically: true, encoding: .utf8)
    kill(server.pid, SIGHUP)
    #expect(server.logged("server.pem"), "\(server.log)")
    #expect(try curl(server, "/plain", certificates).output == "Hello World!")
    #expect(server.stop() == 0)
  }

  @Test func whatTheAuthoritySaysIsHandedOn() throws {
    let certificates = try Certificates()
    let server = try secureServer(["-k", "green", "--ocsp-response", certificates.path("ocsp.der")], certificates)
    let asked = try Program("/bin/sh").run([
      "-c", "echo | openssl s_client -status -connect 127.0.0.1:\(server.port) -servername localhost 2>&1",
    ]).output
    #expect(asked.contains("OCSP Response Status: successful"), "\(asked)")
    // Of TLS 1.2, where a client can ask for it.
    try server.waitUntil("the refusal of another handshake") {
      try Program("/bin/sh").run([
        "-c", "(sleep 1; echo R; sleep 1) | openssl s_client -tls1_2 -connect 127.0.0.1:\(server.port) 2>&1",
      ]).output.contains("no renegotiation")
    }
    #expect(server.stop() == 0)
  }

  @Test func whatCannotBeUsedIsOneSentenceBeforeAnyWorkerStarts() throws {
    let certificates = try Certificates()
    func said(_ arguments: [String], by program: String = "secure") throws -> String {
      let outcome = try Program(program).run(["--bind", "127.0.0.1:0"] + arguments)
      #expect(outcome.status == 1 && !outcome.errors.contains("Booting"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      return outcome.errors
    }
    let certificate = ["--certfile", certificates.path("server.pem")]
    #expect(
      try said(["--certfile", "/nowhere"]).contains("--certfile is '/nowhere', which cannot be read: No such file"))
    #expect(try said(certificate).contains("which cannot be used"), "the key is not in it")
    #expect(try said(certificate + ["--keyfile", certificates.path("other.key")]).contains("key values mismatch"))
    #expect(try said(certificate + ["--keyfile", certificates.path("secret.key")]).contains("--keyfile is "))
    #expect(try said(["--keyfile", "/nowhere"]).contains("--certfile is missing"))
    let both = ["--certfile", certificates.path("both.pem")]
    #expect(
      try said(both + ["--ciphers", "NONSENSE"]).contains("--ciphers is 'NONSENSE', which cannot be used: no cipher"))
    #expect(try said(both + ["--cert-reqs", "2"]).contains("ca_certs is '', which is not a file: clients"))
    #expect(try said(both + ["--ca-certs", certificates.path("body")]).contains("--ca-certs is"))
    #expect(try said(both + ["--ocsp-response", certificates.path("ca.pem")]).contains("--ocsp-response is"))
    #expect(try said(both, by: "app").contains("import GreenTLS, and write app.run { $0.tls = .openSSL }"))
  }

  @Test func aProgramWithoutItLoadsNoOpenSSL() throws {
    for program in ["hello", "app", "anything"] {
      let libraries = try Program(system: "ldd").run([Program(program).path]).output
      #expect(!libraries.contains("libssl") && !libraries.contains("libcrypto"), "\(libraries)")
    }
    #expect(try Program(system: "ldd").run([Program("secure").path]).output.contains("libssl.so.3"))
  }
}
