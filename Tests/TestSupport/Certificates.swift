public import Foundation

/// Certificates of an authority of the tests' own, in a folder that is gone with the object: `server` and `other` for their
/// names, `both` with its key, `client`, and `strange` of nobody's; `ocsp.der` of the first, `secret.key` with a passphrase.
public final class Certificates: Sendable {
  public let folder: URL

  public init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-certificates-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try run(
      """
      make() { # name subject names
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj "$2" -addext "subjectAltName=$3" &&
          openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out $1.pem
      }
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj "/CN=authority" &&
        make server /CN=first DNS:localhost,IP:127.0.0.1 && make other /CN=second DNS:other.example,DNS:*.wild.example &&
        make client /O=Greenfinch/CN=ada DNS:ada && cat server.pem server.key > both.pem &&
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout strange.key -out strange.pem -days 2 -subj "/CN=strange" &&
        openssl pkey -aes128 -passout pass:secret -in server.key -out secret.key && echo nonsense > body &&
        printf 'V\t351231235959Z\t\t%s\tunknown\t/CN=first\n' $(openssl x509 -in server.pem -noout -serial | cut -d= -f2) > index &&
        openssl ocsp -issuer ca.pem -cert server.pem -no_nonce -reqout ocsp.request &&
        openssl ocsp -index index -rsigner ca.pem -rkey ca.key -CA ca.pem -ndays 1 -reqin ocsp.request -respout ocsp.der
      """)
  }

  /// Another certificate in the place of the first.
  public func renew() throws {
    try run(
      """
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout new.key -out new.csr -subj /CN=renewed \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 &&
        openssl x509 -req -in new.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out new.pem &&
        mv new.key server.key && mv new.pem server.pem
      """)
  }

  public func path(_ name: String) -> String { folder.appending(path: name).path }

  private func run(_ script: String) throws {
    let outcome = try Program("/bin/sh").run(["-c", "cd \(folder.path) && { \(script)\n}"])
    guard outcome.status == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: ["errors": outcome.errors]) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}
