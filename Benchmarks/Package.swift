// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "greenfinch", path: "..")],
  targets: [
    .executableTarget(
      name: "micro",
      dependencies: [.product(name: "Green", package: "greenfinch")],
      path: "micro/green",
      swiftSettings: strict),
    // Linking the redirect is opting in: the other rows are measured without it.
    .executableTarget(
      name: "calls",
      dependencies: [
        .product(name: "Green", package: "greenfinch"), .product(name: "GreenRedirect", package: "greenfinch"),
      ],
      path: "micro/calls",
      swiftSettings: strict),
    // Swift's tasks, on a hub and on the runtime's own executors.
    .executableTarget(
      name: "tasks",
      dependencies: [
        .product(name: "Green", package: "greenfinch"), .product(name: "GreenTasks", package: "greenfinch"),
      ],
      path: "micro/tasks",
      swiftSettings: strict),
    // What the framework costs above the bare server.
    .executableTarget(
      name: "ratios",
      dependencies: [
        .product(name: "Greenfinch", package: "greenfinch"), .product(name: "GreenSessions", package: "greenfinch"),
      ],
      path: "web/program",
      swiftSettings: strict),
  ]
)
