// swift-tools-version: 6.2
import PackageDescription

// Another libev library on Green's loop: hiredis with its own libev adapter. A package of its own, so that Greenfinch
// itself does not depend on it.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "hiredis-example",
  dependencies: [
    .package(name: "greenfinch", path: "../.."),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // Without pkg-config, whose flags for hiredis are some that SwiftPM refuses.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .target(
      name: "Redis",
      dependencies: ["CHiredis", .product(name: "Green", package: "greenfinch")],
      swiftSettings: strict),
    .executableTarget(
      name: "visits", dependencies: ["Redis", .product(name: "Green", package: "greenfinch")], swiftSettings: strict),
    .testTarget(
      name: "RedisTests",
      dependencies: [
        "Redis", "visits", .product(name: "Green", package: "greenfinch"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
  ]
)
