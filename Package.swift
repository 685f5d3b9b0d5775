// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let warnings: [CSetting] = [
  .enableWarning("all"),
  .enableWarning("extra"),
]

let package = Package(
  name: "greenfinch",
  products: [
    .library(name: "Greenfinch", targets: ["Greenfinch"]),
    .library(name: "Green", targets: ["Green"]),
    .library(name: "GreenTesting", targets: ["GreenTesting"]),
    .library(name: "GreenTasks", targets: ["GreenTasks"]),
    .library(name: "GreenRedirect", targets: ["GreenRedirect"]),
    .library(name: "GreenHTTP", targets: ["GreenHTTP"]),
    .library(name: "GreenWeb", targets: ["GreenWeb"]),
    .library(name: "GreenWebTesting", targets: ["GreenWebTesting"]),
    .library(name: "GreenWebSocketTesting", targets: ["GreenWebSocketTesting"]),
    .library(name: "GreenOpenAPI", targets: ["GreenOpenAPI"]),
    .library(name: "GreenServer", targets: ["GreenServer"]),
    .library(name: "GreenWebSocket", targets: ["GreenWebSocket"]),
    .library(name: "GreenTLS", targets: ["GreenTLS"]),
    .library(name: "GreenCompression", targets: ["GreenCompression"]),
    .library(name: "GreenHTTP2", targets: ["GreenHTTP2"]),
    .library(name: "GreenHTTPClient", targets: ["GreenHTTPClient"]),
    .library(name: "GreenPostgres", targets: ["GreenPostgres"]),
    .library(name: "GreenRedis", targets: ["GreenRedis"]),
    .library(name: "GreenJobs", targets: ["GreenJobs"]),
    .library(name: "GreenSessions", targets: ["GreenSessions"]),
    .library(name: "GreenJWT", targets: ["GreenJWT"]),
    .library(name: "GreenTemplates", targets: ["GreenTemplates"]),
    .library(name: "GreenMail", targets: ["GreenMail"]),
    .library(name: "GreenInternational", targets: ["GreenInternational"]),
    // The command: `greenfinch ctl` asks and orders a running server.
    .executable(name: "greenfinch", targets: ["GreenfinchCommand"]),
    // libgreen, which `make install` installs: for programs that are not Swift.
    .library(name: "GreenC", type: .dynamic, targets: ["GreenC"]),
    // libgreenfinch, which the Python package loads in front of the interpreter in its workers.
    .library(name: "GreenPython", type: .dynamic, targets: ["GreenPython"]),
  ],
  traits: [
    .trait(
      name: "ServiceLifecycle",
      description:
        "ApplicationService, an application as a service of a ServiceGroup, and App.runServices, services in workers."),
    .trait(name: "TOML", description: "Files of settings in TOML: -c greenfinch.toml."),
    .trait(
      name: "Metrics",
      description: "ServerMetricsFactory, which has metrics of swift-metrics served with the server's own."),
    .trait(name: "Tracing", description: "Each request is a span of swift-distributed-tracing."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    // For template files alone.
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    // Only fetched where their traits are asked for.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
  ],
  targets: [
    // The native libraries. Debian's libev-dev ships no .pc file, so both are linked by name.
    .target(name: "CLibEv", path: "CLibEv", cSettings: warnings, linkerSettings: [.linkedLibrary("ev")]),
    .target(name: "CAres", path: "CAres", cSettings: warnings, linkerSettings: [.linkedLibrary("cares")]),

    .target(name: "CFork", cSettings: warnings),
    .target(name: "CGlibc", cSettings: warnings),
    .target(name: "CParking", dependencies: ["CFork"], cSettings: warnings),
    .target(name: "CReport", cSettings: warnings),
    .target(name: "CSignals", dependencies: ["CFork"], cSettings: warnings),
    .target(name: "CSpawn", cSettings: warnings),
    .target(name: "CFiber", dependencies: ["CFork", "CReport", "CSignals"], cSettings: warnings),
    .target(name: "CInspect", dependencies: ["CFiber", "CReport", "CSignals"], cSettings: warnings),
    .target(name: "CProcess", dependencies: ["CFork", "CSignals", "CSpawn"], cSettings: warnings),
    .target(name: "CRedirect", dependencies: ["CFiber", "CFork", "CGlibc", "CReport"], cSettings: warnings),
    .target(
      name: "Green",
      dependencies: [
        "CLibEv", "CAres", "CFiber", "CFork", "CGlibc", "CInspect", "CParking", "CReport", "CSignals", "CSpawn",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "GreenTesting",
      dependencies: ["Green", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: strict),
    .target(name: "GreenRedirect", dependencies: ["Green", "CRedirect", "CFiber", "CGlibc"], swiftSettings: strict),
    .target(
      name: "GreenTasks",
      dependencies: ["Green", "CFork", "CGlibc", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: strict),
    .target(name: "CLibGreen", cSettings: warnings),
    .target(
      name: "GreenC",
      dependencies: [
        "CFiber", "CLibGreen", "Green", "GreenRedirect", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // What libgreenfinch and the extension for CPython say to each other.
    .target(name: "CGreenPython", cSettings: warnings),
    .target(
      name: "GreenPython",
      dependencies: [
        "CFiber", "CGlibc", "CGreenPython", "Green", "GreenHTTP", "GreenHTTP2", "GreenRedirect", "GreenServer",
        "GreenTLS",
        "GreenWebSocket", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "GreenHTTP",
      dependencies: [
        "CGlibc", "Green", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // Not for programs that do not ask for WebSockets: libcrypto and zlib take time to load.
    .target(name: "CDeflate", cSettings: warnings, linkerSettings: [.linkedLibrary("z")]),
    // Not for programs that do not ask for compressed answers.
    .target(
      name: "CContentCoding", dependencies: ["CDeflate"], cSettings: warnings,
      linkerSettings: [.linkedLibrary("brotlidec"), .linkedLibrary("brotlienc"), .linkedLibrary("zstd")]),
    .target(
      name: "GreenCompression",
      dependencies: [
        "CContentCoding", "Green", "GreenHTTP", "GreenWeb", .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .target(name: "CSHA1", cSettings: warnings, linkerSettings: [.linkedLibrary("crypto")]),
    .target(
      name: "GreenWebSocket",
      dependencies: [
        "CDeflate", "CSHA1", "Green", "GreenHTTP", "GreenTasks", "GreenWeb",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // Not for programs that do not ask for TLS: OpenSSL takes time to load.
    .target(
      name: "CTLS", cSettings: warnings, linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(
      name: "GreenTLS",
      dependencies: [
        "CTLS", "Green", "GreenHTTP", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // Not for programs that do not ask for HTTP/2.
    .systemLibrary(name: "CNGHTTP2", providers: [.apt(["libnghttp2-dev"])]),
    .target(
      name: "GreenHTTP2",
      dependencies: [
        "CNGHTTP2", "Green", "GreenHTTP", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // Not for programs that ask nobody.
    .target(
      name: "GreenHTTPClient",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "GreenWeb",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // Not for programs without such a database.
    .systemLibrary(name: "CPQ", providers: [.apt(["libpq-dev"])]),
    .target(
      name: "GreenPostgres",
      dependencies: [
        "CPQ", "Green", "GreenTasks", "GreenWeb", .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .systemLibrary(name: "CGreenHiredis", providers: [.apt(["libhiredis-dev"])]),
    .target(
      name: "GreenRedis",
      dependencies: [
        "CGreenHiredis", "Green", "GreenHTTP", "GreenTasks", "GreenWeb",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "GreenJobs",
      dependencies: [
        "Green", "GreenHTTP", "GreenRedis", "GreenTasks", "GreenWeb",
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // Not for programs that send no mails.
    .target(
      name: "GreenMail",
      dependencies: ["Green", "GreenHTTP", "GreenTasks", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: strict),
    // Not for programs of one language.
    .target(
      name: "GreenInternational",
      dependencies: ["Green", "GreenHTTP", .product(name: "HTTPTypes", package: "swift-http-types")],
      swiftSettings: strict),
    // Not for programs whose interface is not described.
    .target(
      name: "GreenOpenAPI",
      dependencies: ["GreenHTTP", "GreenWeb", .product(name: "HTTPTypes", package: "swift-http-types")],
      swiftSettings: strict),
    // Not for programs, but for their tests.
    .target(
      name: "GreenWebTesting",
      dependencies: [
        "Green", "GreenHTTP", "GreenHTTPClient", "GreenTasks", "GreenWeb",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    // Not for tests without WebSockets, whose libraries they would need.
    .target(
      name: "GreenWebSocketTesting",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebSocket", "GreenWebTesting",
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // Not for programs without sessions: libcrypto takes time to load.
    .target(
      name: "CSecrets", cSettings: warnings, linkerSettings: [.linkedLibrary("crypto"), .linkedLibrary("crypt")]),
    .target(
      name: "GreenSessions",
      dependencies: [
        "CSecrets", "Green", "GreenHTTP", "GreenWeb", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // Not for programs without tokens.
    .target(name: "CSignatures", cSettings: warnings, linkerSettings: [.linkedLibrary("crypto")]),
    .target(
      name: "GreenJWT",
      dependencies: [
        "CSignatures", "GreenHTTP", "GreenWeb", .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    // Not for programs whose pages are written in Swift: it brings the whole of Foundation.
    .target(
      name: "GreenTemplates",
      dependencies: ["Green", "GreenWeb", .product(name: "Mustache", package: "swift-mustache")], swiftSettings: strict),
    .target(
      name: "GreenServer",
      dependencies: [
        "CFiber", "CGlibc", "CInspect", "CProcess", "CSignals", "Green", "GreenHTTP", "GreenRedirect", "GreenTasks",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .target(
      name: "Greenfinch",
      dependencies: [
        "Green", "GreenHTTP", "GreenRedirect", "GreenTasks", "GreenWeb", "GreenServer",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
        .product(name: "TOMLKit", package: "TOMLKit", condition: .when(traits: ["TOML"])),
        .product(name: "CoreMetrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
        .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Tracing"])),
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ],
      swiftSettings: strict),

    .executableTarget(name: "GreenfinchCommand", dependencies: ["GreenPython", "Greenfinch"], swiftSettings: strict),

    // Programs that the tests drive: what cannot be tried inside a test runner.
    .target(name: "CaseSupport", dependencies: ["Green"], path: "Tests/Programs/Support", swiftSettings: strict),
    .executableTarget(
      name: "redirect",
      dependencies: ["CCalls", "CaseSupport", "CxxCalls", "Green", "GreenRedirect", "ThreadCalls", "WaitCalls"],
      path: "Tests/Programs/redirect", swiftSettings: strict),
    .target(name: "ThreadCalls", path: "Tests/Programs/ThreadCalls", cSettings: warnings),
    .target(name: "CCalls", path: "Tests/Programs/CCalls", cSettings: warnings),
    .target(name: "CxxCalls", path: "Tests/Programs/CxxCalls"),
    // The same POSIX calls, plainly and redirected.
    .target(name: "CDifferential", path: "Tests/Programs/CDifferential", cSettings: warnings),
    .executableTarget(
      name: "differential", dependencies: ["CDifferential", "CaseSupport", "Green", "GreenRedirect"],
      path: "Tests/Programs/differential", swiftSettings: strict),
    .target(name: "WaitCalls", path: "Tests/Programs/WaitCalls", cSettings: warnings),
    .executableTarget(
      name: "runtime",
      dependencies: [
        "CLibEv", "CaseSupport", "CSandbox", "Green", "GreenHTTP", "GreenTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Programs/runtime", swiftSettings: strict),
    .executableTarget(
      name: "tasks", dependencies: ["CaseSupport", "Green", "GreenRedirect", "GreenTasks"],
      path: "Tests/Programs/tasks",
      swiftSettings: strict),
    .target(name: "CSandbox", path: "Tests/Programs/CSandbox", cSettings: warnings),

    .executableTarget(
      name: "names", dependencies: ["CaseSupport", "Green", "TestSupport"], path: "Tests/Programs/names",
      swiftSettings: strict),
    // Defines functions of libc, as the redirect does: no test may depend on it, since all tests are linked into one.
    .target(name: "ChaosCalls", path: "Tests/Programs/ChaosCalls", cSettings: warnings),
    .executableTarget(
      name: "chaos",
      dependencies: [
        "CaseSupport", "ChaosCalls", "Green", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Programs/chaos", swiftSettings: strict),

    .executableTarget(
      name: "app", dependencies: ["CSandbox", "Green", "Greenfinch"], path: "Tests/Programs/app", swiftSettings: strict),

    .executableTarget(
      name: "talk", dependencies: ["GreenWebSocket", "Greenfinch"], path: "Tests/Programs/talk", swiftSettings: strict),

    .executableTarget(
      name: "echoing", dependencies: ["Green", "GreenWebSocket"], path: "Tests/Programs/echoing", swiftSettings: strict),

    .executableTarget(
      name: "secure", dependencies: ["GreenTLS", "GreenWebSocket", "Greenfinch"], path: "Tests/Programs/secure",
      swiftSettings: strict),

    // Requests, right and wrong, with what must come of them, and a program that says what it saw.
    .target(
      name: "RequestCorpus", dependencies: ["GreenHTTP", .product(name: "HTTPTypes", package: "swift-http-types")],
      path: "Tests/RequestCorpus", exclude: ["corpus.py", "requests"], swiftSettings: strict),
    .executableTarget(
      name: "reading", dependencies: ["Green", "GreenHTTP"], path: "Tests/Programs/reading", swiftSettings: strict),
    .executableTarget(
      name: "mirror", dependencies: ["GreenTLS", "Greenfinch", "RequestCorpus"], path: "Tests/Programs/mirror",
      swiftSettings: strict),

    .executableTarget(
      name: "streams", dependencies: ["Green", "GreenHTTP2", "GreenTLS", "GreenWebSocket", "Greenfinch"],
      path: "Tests/Programs/streams", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["CGlibc", "CaseSupport", "Green", "GreenTesting"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // Traits and checks that need the module of tests: nothing but tests depends on it.
    .target(
      name: "SuiteSupport", dependencies: ["Green", "TestSupport"], path: "Tests/SuiteSupport", swiftSettings: strict),
    .testTarget(
      name: "GreenTests",
      dependencies: [
        "CFiber", "Green", "GreenTesting", "SuiteSupport", "TestSupport", "names", "runtime",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenTestingTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTesting", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // The redirect defines functions of libc, and all tests are linked into one program: what needs it is tried in programs.
    .testTarget(
      name: "GreenRedirectTests",
      dependencies: ["Green", "SuiteSupport", "TestSupport", "differential", "hello", "redirect"], swiftSettings: strict
    ),
    .testTarget(
      name: "GreenTasksTests", dependencies: ["Green", "GreenTasks", "SuiteSupport", "TestSupport", "tasks"],
      swiftSettings: strict),
    .testTarget(name: "GreenCTests", dependencies: ["SuiteSupport", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "GreenHTTPTests",
      dependencies: [
        "CGlibc", "Green", "GreenHTTP", "RequestCorpus", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenWebTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport",
        "TestSupport", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "InMemoryLogging", package: "swift-log"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenOpenAPITests",
      dependencies: ["GreenHTTP", "GreenOpenAPI", "GreenWeb", "GreenWebTesting", "SuiteSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GreenWebTestingTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenWebSocketTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenWebSocket", "SuiteSupport", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenWebSocketTestingTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebSocket", "GreenWebSocketTesting",
        "GreenWebTesting", "SuiteSupport", "TestSupport", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "InMemoryLogging", package: "swift-log"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "CDecoders", path: "Tests/Programs/CDecoders", cSettings: warnings,
      linkerSettings: [.linkedLibrary("brotlidec"), .linkedLibrary("z"), .linkedLibrary("zstd")]),
    .testTarget(
      name: "GreenCompressionTests",
      dependencies: [
        "CDecoders", "Green", "GreenCompression", "GreenHTTP", "GreenWeb", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenTLSTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTLS", "SuiteSupport", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenHTTP2Tests",
      dependencies: [
        "CNGHTTP2", "Green", "GreenHTTP", "GreenHTTP2", "GreenWebSocket", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenHTTPClientTests",
      dependencies: [
        "Green", "GreenCompression", "GreenHTTP", "GreenHTTP2", "GreenHTTPClient", "GreenTLS", "GreenTasks",
        "GreenTesting", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // PostgreSQL, Redis and a mail server, started by tests.
    .target(name: "DataServers", path: "Tests/DataServers", swiftSettings: strict),
    .testTarget(
      name: "GreenPostgresTests",
      dependencies: [
        "DataServers", "Green", "GreenPostgres", "GreenTasks", "SuiteSupport", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenRedisTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenHTTPClient", "GreenRedis", "GreenTLS", "GreenTasks", "GreenWeb",
        "SuiteSupport", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "keeper", dependencies: ["GreenJobs", "GreenPostgres", "GreenRedis", "Greenfinch"],
      path: "Tests/Programs/keeper",
      swiftSettings: strict),
    .executableTarget(
      name: "labour", dependencies: ["Green", "GreenJobs", "GreenRedis"], path: "Tests/Programs/labour",
      swiftSettings: strict),
    .testTarget(
      name: "GreenJobsTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenJobs", "GreenRedis", "SuiteSupport", "TestSupport", "labour",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenSessionsTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenRedis", "GreenSessions", "GreenWeb", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenTemplatesTests", dependencies: ["GreenTemplates", "GreenWeb", "GreenWebTesting", "SuiteSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "GreenJWTTests",
      dependencies: [
        "GreenHTTP", "GreenJWT", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenInternationalTests",
      dependencies: [
        "GreenHTTP", "GreenInternational", "GreenTesting", "GreenWeb", "SuiteSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenMailTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenMail", "GreenTLS", "GreenTasks", "SuiteSupport", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenServerTests",
      dependencies: [
        "CProcess", "GreenHTTP", "GreenServer", "SuiteSupport", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GreenfinchTests", dependencies: ["SuiteSupport", "TestSupport", "app"], swiftSettings: strict),
    // What Scripts/fuzz feeds, and what that has kept.
    .target(
      name: "FuzzTargets", dependencies: ["Green", "GreenHTTP", "GreenHTTP2", "GreenWebSocket"],
      path: "Tests/FuzzTargets", exclude: ["corpus"], swiftSettings: strict),
    .testTarget(
      name: "FuzzReplayTests", dependencies: ["FuzzTargets", "SuiteSupport", "TestSupport"], swiftSettings: strict),
    // Servers as processes, asked as clients do.
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CFiber", "DataServers", "Green", "GreenHTTP", "GreenHTTPClient", "GreenPostgres", "GreenTLS", "GreenWebSocket",
        "GreenfinchCommand", "RequestCorpus", "SuiteSupport", "TestSupport", "app", "hello", "anything", "keeper",
        "mirror",
        "secure", "streams", "talk", "notes", "chat", "gather", "dashboard",
      ],
      swiftSettings: strict),

    .executableTarget(name: "hello", dependencies: ["Greenfinch"], path: "Examples/hello", swiftSettings: strict),
    .executableTarget(name: "anything", dependencies: ["Greenfinch"], path: "Examples/anything", swiftSettings: strict),

    // Examples of whole services, as a program of somebody else's would be written.
    .target(
      name: "NotesApp",
      dependencies: ["GreenOpenAPI", "GreenPostgres", "GreenSessions", "GreenTemplates", "Greenfinch"],
      path: "Examples/notes/Sources/NotesApp"),
    .executableTarget(name: "notes", dependencies: ["Greenfinch", "NotesApp"], path: "Examples/notes/Sources/notes"),
    .testTarget(
      name: "NotesTests",
      dependencies: ["DataServers", "GreenPostgres", "GreenWebTesting", "Greenfinch", "NotesApp", "SuiteSupport"],
      path: "Examples/notes/Tests"),
    .executableTarget(
      name: "chat", dependencies: ["GreenRedis", "GreenWebSocket", "Greenfinch"], path: "Examples/chat",
      exclude: ["README.md", "static"]),
    .executableTarget(
      name: "gather", dependencies: ["GreenHTTPClient", "Greenfinch"], path: "Examples/gather", exclude: ["README.md"]),
    .executableTarget(
      name: "dashboard", dependencies: ["Greenfinch"], path: "Examples/dashboard", exclude: ["README.md", "static"]),
  ],
  // Of the tests' own: std::latch and its kin.
  cxxLanguageStandard: .cxx20
)
