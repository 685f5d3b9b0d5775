// swift-tools-version: 6.2
import PackageDescription

// swift-service-lifecycle both ways: services in the workers of a server, and an application as a service of a group; and
// metrics of swift-metrics, served with the server's own.
// Its tests also try swift-distributed-tracing and swift-log across fibers and tasks. A package of its own, so that
// Greenfinch itself depends on none of these unless a trait asks for it.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "services-example",
  dependencies: [
    .package(name: "greenfinch", path: "../..", traits: ["Metrics", "ServiceLifecycle", "Tracing"]),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(
      name: "Prices",
      dependencies: [
        .product(name: "Green", package: "greenfinch"), .product(name: "Greenfinch", package: "greenfinch"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "services",
      dependencies: [
        "Prices", .product(name: "Greenfinch", package: "greenfinch"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "hosted",
      dependencies: [
        "Prices", .product(name: "Greenfinch", package: "greenfinch"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServiceTests",
      dependencies: ["services", "hosted", .product(name: "Green", package: "greenfinch")], swiftSettings: strict),
    .testTarget(
      name: "TracingTests",
      dependencies: [
        .product(name: "Green", package: "greenfinch"), .product(name: "GreenTasks", package: "greenfinch"),
        .product(name: "GreenTesting", package: "greenfinch"), .product(name: "GreenTLS", package: "greenfinch"),
        .product(name: "Greenfinch", package: "greenfinch"),
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ],
      swiftSettings: strict),
  ]
)
