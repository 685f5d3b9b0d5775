internal import Foundation

/// A mail server of a test's own (Debian's python3-aiosmtpd), on a port of 127.0.0.1 that it has found free. It keeps
/// what it is given.
///
/// Unsafe as `Sendable`: the tests of a suite only read it, or one alone has it.
public final class SMTPServer: @unchecked Sendable {
  private let folder: ServerFolder
  private let process: ServerProcess
  public let port: UInt16

  /// What the server was given.
  public struct Message: Decodable {
    public var from: String
    public var to: [String]
    /// As it came, before it is read as a mail.
    public var raw: String
    /// Its fields, decoded, as Python's own reader of mails sees them.
    public var fields: [String: String]
    /// Its parts' media types, with what they say, decoded.
    public var parts: [[String]]
    /// What the parts are called as files.
    public var files: [String]
    public var isEncrypted: Bool
    /// Who has logged in.
    public var user: String?
  }

  /// - Parameters:
  ///   - certificates: the folder of `server.pem` and `server.key`, where there is to be TLS.
  ///   - isImplicit: whether that comes before all else, and not by `STARTTLS`.
  ///   - user: who may log in, and must; nobody has to unless given.
  ///   - settings: further keys of the script's.
  public init(
    certificates: ((String) -> String)? = nil, isImplicit: Bool = false, user: (String, String)? = nil,
    settings: [String: String] = [:]
  ) throws {
    folder = try ServerFolder()
    let script = folder.path + "/server.py"
    try Data(Self.script.utf8).write(to: URL(fileURLWithPath: script))
    var words = settings.map { "\($0)=\($1)" } + ["mails=\(folder.path)/mails"]
    if let certificates { words += ["certificate=\(certificates("server.pem"))", "key=\(certificates("server.key"))"] }
    if isImplicit { words.append("implicit=yes") }
    if let user { words += ["user=\(user.0)", "password=\(user.1)"] }
    let process = try ServerProcess("/usr/bin/python3", [script] + words, log: folder.path + "/log")
    self.process = process
    func said() -> UInt16? {
      process.output.split(separator: "\n").first { $0.hasPrefix("port ") }.flatMap { UInt16($0.dropFirst(5)) }
    }
    try process.wait { said() != nil }
    port = said() ?? 0
  }

  deinit { stop() }

  public func stop() { process.end(SIGKILL) }

  public var messages: [Message] {
    get throws {
      let text = (try? String(contentsOfFile: folder.path + "/mails", encoding: .utf8)) ?? ""
      return try text.split(separator: "\n").map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
    }
  }

  private static let script = #"""
    import asyncio, email, email.policy, json, ssl, sys
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

    settings = dict(word.split("=", 1) for word in sys.argv[1:])

    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("nobody@"):
                return "550 there is nobody here"
            if address.startswith("later@"):
                return "451-try again\r\n451 in a while"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
            parts = [part for part in mail.walk() if not part.is_multipart()]
            line = json.dumps({
                "from": envelope.mail_from, "to": envelope.rcpt_tos,
                "raw": envelope.original_content.decode("ascii"), "fields": {k: str(v) for k, v in mail.items()},
                "parts": [[part.get_content_type(), part.get_payload(decode=True).decode("latin-1")
                           if part.get_content_maintype() != "text"
                           else part.get_content().replace("\r\n", "\n")] for part in parts],
                "files": [part.get_filename() for part in parts if part.get_filename()],
                "isEncrypted": session.ssl is not None or "implicit" in settings,
                "user": session.auth_data.login.decode() if session.auth_data else None})
            with open(settings["mails"], "a") as file:
                file.write(line + "\n")
            return settings.get("answer", "250 kept")

    def authenticate(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (
            settings["user"], settings["password"])
        return AuthResult(success=right, handled=False, auth_data=data if right else None)

    async def main():
        context = None
        if "certificate" in settings:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings["certificate"], settings["key"])
        implicit = "implicit" in settings
        options = {"tls_context": context, "require_starttls": True} if context and not implicit else {}
        if "user" in settings:
            options |= {"authenticator": authenticate, "auth_required": True,
                        "auth_require_tls": bool(context) and not implicit,
                        "auth_exclude_mechanism": settings.get("without", "").split(",")}
        if "size" in settings:
            options |= {"data_size_limit": int(settings["size"])}
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Handler(), hostname="mail.example.org", loop=loop, **options), "127.0.0.1", 0,
            ssl=context if implicit else None)
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())
    """#
}
