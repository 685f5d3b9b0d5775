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
      ])
  ]
)
