// swift-tools-version: 6.2
import PackageDescription

// The article's program in Hummingbird, and in SwiftNIO alone, for the comparison, and an echo of WebSocket messages in SwiftNIO: each
// on one thread.

let package = Package(
  name: "peers",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .executableTarget(
      name: "hummingbird",
      dependencies: [
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .systemLibrary(name: "CLibpq", providers: [.apt(["libpq-dev"])]),
    // The interface for programs of Examples/notes, with libpq on a thread pool: Benchmarks/web/notes.py.
    .executableTarget(
      name: "hummingbird-notes",
      dependencies: [
        "CLibpq", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Sources/notes"),
    .executableTarget(
      name: "nio",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    .executableTarget(
      name: "nio-websocket",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
      ]),
  ]
)
