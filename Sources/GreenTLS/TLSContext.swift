internal import CTLS
internal import Glibc
public import Green
public import GreenHTTP

/// What the connections of a server, or those of a client, have in common: certificates, authorities, versions. Any thread
/// may use it.
///
/// Unsafe: OpenSSL's context is not changed once it is made, and counts its uses by atomic operations.
public final class TLSContext: @unchecked Sendable {
  let pointer: OpaquePointer
  private let tickets: TicketSource?
  /// Whether a client's peers must be who they should be.
  let verifiesPeer: Bool

  /// Reads the files of a server.
  ///
  /// - Throws: `TLSConfigurationError`, which names the file and says why it cannot be used.
  public init(server configuration: TLSServerConfiguration) throws {
    tickets = configuration.ticketKeys.map(TicketSource.init)
    let source = tickets
    verifiesPeer = configuration.clientCertificates != .none
    guard let first = configuration.certificates.first else {
      throw TLSConfigurationError(.certificate, "", "is not a certificate: a server needs one")
    }
    pointer = try Self.make(isServer: true) { context throws(TLSConfigurationError) in
      try context.prepare(configuration, first, source)
      for certificate in configuration.certificates.dropFirst() {
        let other = try Self.make(isServer: true) { other throws(TLSConfigurationError) in
          try other.prepare(configuration, certificate, source)
        }
        if !ctls_context_add(context, other) { throw .noMemory }
      }
    }
  }

  /// What a client's connections have in common.
  ///
  /// - Throws: `TLSConfigurationError`.
  public init(client configuration: TLSClientConfiguration = TLSClientConfiguration()) throws {
    tickets = nil
    verifiesPeer = configuration.verifiesServer
    pointer = try Self.make(isServer: false) { context throws(TLSConfigurationError) in
      try context.setVersions(configuration.versions)
      try context.setCiphers(configuration.ciphers)
      try context.setProtocols(configuration.applicationProtocols)
      if let certificate = configuration.certificate { try context.load(certificate) }
      if let file = configuration.authoritiesFile {
        try context.loadAuthorities(file)
      } else {
        try context.require(.authorities, "the system's") { ctls_context_system_authorities(context, $0) }
      }
      ctls_context_verify(context, configuration.verifiesServer, configuration.verifiesServer)
    }
  }

  deinit { ctls_context_free(pointer) }

  private static func make(
    isServer: Bool, _ prepare: (OpaquePointer) throws(TLSConfigurationError) -> Void
  ) throws(TLSConfigurationError) -> OpaquePointer {
    guard let context = ctls_context_make(isServer) else { throw .noMemory }
    do throws(TLSConfigurationError) {
      try prepare(context)
      return context
    } catch {
      ctls_context_free(context)
      throw error
    }
  }
}

extension TLSContext: ConnectionSecurity {
  public func accept(_ socket: Socket, until deadline: Deadline) throws
    -> any HalfClosableByteStream & WaitableByteStream
  {
    let stream = try TLSSocket(socket, self)
    try stream.handshake(until: deadline)
    return stream
  }
}

extension TLSContext: ClientSecurity {
  public func secure(_ socket: Socket, as name: String, until deadline: Deadline) throws
    -> any HalfClosableByteStream & WaitableByteStream
  {
    try TLSSocket.secure(socket, as: name, context: self, until: deadline)
  }
}

extension TLSClientProvider {
  /// TLS 1.2 and 1.3 by OpenSSL; servers are verified by the authorities that the system trusts.
  public static let openSSL: TLSClientProvider = provider(TLSClientConfiguration())

  /// TLS by OpenSSL as a configuration says; where that offers no protocols, those of whoever connects are offered.
  public static func openSSL(_ configuration: TLSClientConfiguration) -> TLSClientProvider { provider(configuration) }

  private static func provider(_ configuration: TLSClientConfiguration) -> TLSClientProvider {
    TLSClientProvider { protocols in
      var configuration = configuration
      if configuration.applicationProtocols.isEmpty { configuration.applicationProtocols = protocols }
      return try TLSContext(client: configuration)
    }
  }
}

extension TLSProvider {
  /// TLS 1.2 and 1.3 by OpenSSL.
  public static let openSSL = TLSProvider { try TLSContext(server: $0) }
}

/// Where a server's ticket keys come from, as C asks for them.
final class TicketSource: Sendable {
  let keys: @Sendable () -> [[UInt8]]
  init(_ keys: @escaping @Sendable () -> [[UInt8]]) { self.keys = keys }
}
