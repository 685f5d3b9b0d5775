import GreenPostgres
import GreenSessions
import Greenfinch

enum Keys {
  static let user = SessionKey<Int>("user")
}

/// Who is logged in: handlers that take one are for those alone.
struct User: Decodable, RequestInput {
  var id: Int
  var name: String

  init(request: Request) throws {
    guard let id = request.session[Keys.user],
      let user = try Resources.database().first("select id, name from users where id = \(id)", as: User.self)
    else { throw LoginNeeded() }
    self = user
  }

  var notes: Notebook { Notebook(owner: id) }
}

struct LoginNeeded: Error {}

/// A program that acts for somebody, by a token.
struct Client: RequestInput {
  var owner: Int

  init(request: Request) throws {
    guard let token = request.bearerToken.map(SecretToken.init),
      let owner = try Resources.database().value(
        "select owner from tokens where digest = \(token.digest)", as: Int.self)
    else {
      throw HTTPError(.unauthorized, "a token is needed: POST /api/tokens", headers: [.wwwAuthenticate: "Bearer"])
    }
    self.owner = owner
  }

  var notes: Notebook { Notebook(owner: owner) }
}

/// A name and a password, by a form or as JSON.
struct Login: Codable, Sendable, Validated {
  var name: String
  var password: String

  func validate(_ check: inout Validation) {
    check("name", name, .count(1...40), .printable)
    check("password", password, .count(8...200), .printable)
  }

  private struct Account: Decodable {
    var id: Int
    var password: String
  }

  /// Whose name and password they are.
  func user() throws -> Int {
    let account = try Resources.database().first(
      "select id, password from users where name = \(name)", as: Account.self)
    guard try Password.verify(password, against: account?.password), let account else { throw WrongPassword() }
    return account.id
  }

  /// Makes a user of them.
  func register() throws -> Int {
    let hash = try Password.hash(password)
    do {
      let id = try Resources.database().value(
        "insert into users (name, password) values (\(name), \(hash)) returning id", as: Int.self)
      return id ?? 0
    } catch let error as PostgresError where error.state == .uniqueViolation {
      throw InvalidInput("name", "is another's already")
    }
  }
}

struct WrongPassword: Error, ResponseConvertible {
  func response(for request: Request) throws -> Response {
    Response(HTTPError(.unauthorized, "there is no such name, or the password is another"))
  }
}
