// swift-tools-version: 6.2
import PackageDescription

// C libraries whose calls block, and Foundation, used as their manuals say, in routes of green workers. Each executable is
// an example of one; the tests start a real server for it and make a hundred requests at once. A package of its own, so
// that Greenfinch itself depends on none of them.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A C library by its header and its name: of pkg-config's flags for some of these, SwiftPM refuses a part.
func library(_ name: String, _ package: String) -> Target { .systemLibrary(name: name, providers: [.apt([package])]) }

/// A web application that makes blocking calls of a library.
func example(_ name: String, _ library: Target.Dependency? = nil) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["Connections", .product(name: "Greenfinch", package: "greenfinch")] + (library.map { [$0] } ?? []),
    swiftSettings: strict)
}

let examples = ["postgres", "curl", "mariadb", "redis", "openssl", "ssh", "foundation", "python", "grdb"]

let package = Package(
  name: "clients-example",
  // For the other examples that use a database.
  products: [
    .library(name: "Connections", targets: ["Connections"]), .library(name: "Servers", targets: ["Servers"]),
  ],
  dependencies: [
    .package(name: "greenfinch", path: "../.."),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    library("CLibpq", "libpq-dev"),
    library("CCurl", "libcurl4-openssl-dev"),
    library("CMariaDB", "libmariadb-dev"),
    library("CHiredis", "libhiredis-dev"),
    library("COpenSSL", "libssl-dev"),
    library("CSSH2", "libssh2-1-dev"),
    library("CPython", "python3-dev"),

    .target(
      name: "Connections", dependencies: [.product(name: "Green", package: "greenfinch")], swiftSettings: strict),
    example("postgres", "CLibpq"),
    example("curl", "CCurl"),
    example("mariadb", "CMariaDB"),
    example("redis", "CHiredis"),
    example("openssl", "COpenSSL"),
    example("ssh", "CSSH2"),
    example("foundation"),
    example("python", "CPython"),
    example("grdb", .product(name: "GRDB", package: "GRDB.swift")),

    // What the tests and the table need: the servers, and the measuring.
    .executableTarget(
      name: "slow",
      dependencies: [
        "COpenSSL", .product(name: "Green", package: "greenfinch"),
        .product(name: "GreenRedirect", package: "greenfinch"),
      ],
      swiftSettings: strict),
    .target(name: "Servers", swiftSettings: strict),
    .target(name: "Trials", dependencies: ["Servers"], swiftSettings: strict),
    .executableTarget(name: "table", dependencies: ["Trials"], swiftSettings: strict),
    .testTarget(
      name: "ClientTests", dependencies: ["Trials", "slow"] + examples.map { .init(stringLiteral: $0) },
      swiftSettings: strict),
  ]
)
