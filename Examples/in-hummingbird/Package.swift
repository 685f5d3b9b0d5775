// swift-tools-version: 6.2
import PackageDescription

// Greenfinch inside Hummingbird: an adapter that serves a Greenfinch application by it, and blocking C that waits in fibers
// of an async program. A package of its own, so that Greenfinch itself depends on no other server.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func greenfinch(_ product: String) -> Target.Dependency { .product(name: product, package: "greenfinch") }
func client(_ product: String) -> Target.Dependency { .product(name: product, package: "clients-example") }
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")

let package = Package(
  name: "in-hummingbird-example",
  products: [.library(name: "HummingbirdGreenfinch", targets: ["HummingbirdGreenfinch"])],
  dependencies: [
    .package(name: "greenfinch", path: "../.."),
    .package(name: "clients-example", path: "../clients"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  ],
  targets: [
    .target(
      name: "HummingbirdGreenfinch",
      dependencies: [
        greenfinch("Green"), greenfinch("GreenHTTP"), greenfinch("GreenTasks"), hummingbird,
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .systemLibrary(name: "CLibpq", providers: [.apt(["libpq-dev"])]),
    .executableTarget(
      name: "adapted",
      dependencies: [
        "CLibpq", "HummingbirdGreenfinch", client("Connections"), greenfinch("Green"), greenfinch("GreenRedirect"),
        greenfinch("GreenTasks"), greenfinch("GreenWeb"), hummingbird,
      ],
      swiftSettings: strict),

    // What the tests need: an application with a route for each promise, which is all that its server answers with.
    .executableTarget(
      name: "odd",
      dependencies: [
        "HummingbirdGreenfinch", greenfinch("Green"), greenfinch("GreenRedirect"), greenfinch("GreenTasks"),
        greenfinch("GreenWeb"), hummingbird,
      ],
      path: "Tests/odd", swiftSettings: strict),
    .testTarget(
      name: "AdapterTests", dependencies: ["adapted", "odd", client("Servers"), greenfinch("Green")],
      swiftSettings: strict),
  ]
)
