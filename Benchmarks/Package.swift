// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "greenfinch", path: "..")],
  targets: [
    .executableTarget(
      name: "micro",
      dependencies: [.product(name: "Green", package: "greenfinch")],
      path: "micro/green",
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
      ]),
    // Linking the redirect is opting in: the other rows are measured without it.
    .executableTarget(
      name: "calls",
      dependencies: [
        .product(name: "Green", package: "greenfinch"), .product(name: "GreenRedirect", package: "greenfinch"),
      ],
      path: "micro/calls",
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
      ]),
  ]
)
