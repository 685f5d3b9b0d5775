import Crypto
import CryptoExtras
import FoundationEssentials
import Hummingbird
import NIOPosix

/// A request, and whose token it came with.
struct NotesContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  var owner = 0

  init(source: Source) { coreContext = .init(source: source) }
}

/// Lets only those through who bring a token.
struct FindOwner: RouterMiddleware {
  let database: Database

  func handle(
    _ request: Request, context: NotesContext, next: (Request, NotesContext) async throws -> Response
  ) async throws -> Response {
    let words = (request.headers[.authorization] ?? "").split(separator: " ")
    guard words.count == 2, words[0] == "Bearer" else { throw HTTPError(.unauthorized) }
    let owners = try await database.rows("select owner from tokens where digest = $1", digest(String(words[1]))) {
      try $0.value(0, as: Int.self)
    }
    guard let owner = owners.first else { throw HTTPError(.unauthorized) }
    var context = context
    context.owner = owner
    return try await next(request, context)
  }
}

struct Login: Decodable {
  var name: String
  var password: String
}

/// The number of the user with this name and this password.
func user(_ login: Login, _ database: Database) async throws -> Int {
  let users = try await database.rows("select id, password from users where name = $1", login.name) {
    (id: try $0.value(0, as: Int.self), password: try $0.value(1, as: String.self))
  }
  let parts = (users.first?.password ?? "00$00").split(separator: "$").map { bytes(ofHexadecimal: $0) }
  guard parts.count == 2 else { throw HTTPError(.unauthorized) }
  let made = try await NIOThreadPool.singleton.runIfActive {
    try KDF.Scrypt.deriveKey(
      from: Array(login.password.utf8), salt: parts[0], outputByteCount: 64, rounds: 16_384, blockSize: 8,
      parallelism: 1)
  }
  // Keys are compared in constant time.
  guard let user = users.first, made == SymmetricKey(data: parts[1]) else { throw HTTPError(.unauthorized) }
  return user.id
}

func newToken() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { hexadecimal($0) } }

func digest(_ token: String) -> String { hexadecimal(SHA256.hash(data: Array(token.utf8))) }

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

private func bytes(ofHexadecimal text: Substring) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
