internal import Foundation
internal import Servers

extension Service {
  /// Our own HTTP server, under the name or the address that the client shall use.
  static func http(host: String = "127.0.0.1") throws -> Service {
    let (folder, port) = (try TemporaryFolder(), try freePort())
    return try Service(
      folder, program("slow"), ["\(port)"], environment: ["BACKEND_URL": "http://\(host):\(port)/"]
    ) { accepts(port) }
  }

  /// The same with TLS, and a certificate of its own.
  static func https(host: String = "127.0.0.1") throws -> Service {
    let (folder, port) = (try TemporaryFolder(), try freePort())
    let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
    try Child.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
        certificate,
      ], log: folder.path + "/openssl")
    return try Service(
      folder, program("slow"), ["\(port)", certificate, key],
      environment: [
        "BACKEND_URL": "https://\(host):\(port)/", "BACKEND_CA": certificate, "PEER_HOST": "127.0.0.1",
        "PEER_PORT": "\(port)", "PEER_CA": certificate,
      ]
    ) { accepts(port) }
  }

  static func ssh() throws -> Service {
    let (folder, port) = (try TemporaryFolder(), try freePort())
    let (key, hostKey) = (folder.path + "/id", folder.path + "/host")
    for file in [key, hostKey] {
      try Child.run(
        "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file], log: folder.path + "/keygen")
    }
    // What the init script of the package makes.
    if geteuid() == 0 {
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    let options = [
      "Port=\(port)", "ListenAddress=127.0.0.1", "HostKey=\(hostKey)", "AuthorizedKeysFile=\(key).pub", "UsePAM=no",
      "StrictModes=no", "PermitRootLogin=prohibit-password", "MaxStartups=300", "PidFile=none", "UseDNS=no",
      // The start-up files of the user's shell may take longer than what is measured.
      "SetEnv=HOME=\(folder.path)",
    ]
    return try Service(
      folder, "/usr/sbin/sshd", ["-D", "-e", "-f", "/dev/null"] + options.flatMap { ["-o", $0] },
      environment: ["SSH_HOST": "127.0.0.1", "SSH_PORT": "\(port)", "SSH_USER": NSUserName(), "SSH_KEY": key]
    ) { accepts(port) }
  }
}
