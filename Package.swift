// swift-tools-version: 6.2
import PackageDescription

extension Target.Dependency {
  static var httpTypes: Self { .product(name: "HTTPTypes", package: "swift-http-types") }
  static var inMemoryLogging: Self { .product(name: "InMemoryLogging", package: "swift-log") }
  static var logging: Self { .product(name: "Logging", package: "swift-log") }
  static var systemPackage: Self { .product(name: "SystemPackage", package: "swift-system") }
}

extension Target {
  private static var strict: [SwiftSetting] {
    [
      .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
    ]
  }

  /// A module in Swift.
  static func module(
    _ name: String, dependencies: [Dependency] = [], path: String? = nil, exclude: [String] = []
  ) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
  }

  /// A module in C, and the libraries of the system that are linked where it is used.
  static func cModule(
    _ name: String, dependencies: [Dependency] = [], path: String? = nil, libraries: [String] = []
  ) -> Target {
    .target(
      name: name, dependencies: dependencies, path: path, cSettings: [.enableWarning("all"), .enableWarning("extra")],
      linkerSettings: libraries.map { LinkerSetting.linkedLibrary($0) })
  }

  /// A program in Swift.
  static func program(_ name: String, dependencies: [Dependency], path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
  }

  /// A program that the tests drive.
  static func testProgram(_ name: String, dependencies: [Dependency]) -> Target {
    .program(name, dependencies: dependencies, path: "Tests/Programs/\(name)")
  }

  /// Tests, of a module or of programs.
  static func tests(_ name: String, dependencies: [Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
  }
}

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
    .cModule("CLibEv", path: "CLibEv", libraries: ["ev"]),
    .cModule("CAres", path: "CAres", libraries: ["cares"]),

    .cModule("CFork"),
    .cModule("CGlibc"),
    .cModule("CParking", dependencies: ["CFork"]),
    .cModule("CReport"),
    .cModule("CSignals", dependencies: ["CFork"]),
    .cModule("CSpawn"),
    .cModule("CFiber", dependencies: ["CFork", "CReport", "CSignals"]),
    .cModule("CInspect", dependencies: ["CFiber", "CReport", "CSignals"]),
    .cModule("CProcess", dependencies: ["CFork", "CSignals", "CSpawn"]),
    .cModule("CRedirect", dependencies: ["CFiber", "CFork", "CGlibc", "CReport"]),
    .module(
      "Green",
      dependencies: [
        "CLibEv", "CAres", "CFiber", "CFork", "CGlibc", "CInspect", "CParking", "CReport", "CSignals", "CSpawn",
        .systemPackage,
      ]),
    .module("GreenTesting", dependencies: ["Green", .systemPackage]),
    .module("GreenRedirect", dependencies: ["Green", "CRedirect", "CFiber", "CGlibc"]),
    .module("GreenTasks", dependencies: ["Green", "CFork", "CGlibc", .systemPackage]),
    .cModule("CLibGreen"),
    .module("GreenC", dependencies: ["CFiber", "CLibGreen", "Green", "GreenRedirect", .systemPackage]),
    // What libgreenfinch and the extension for CPython say to each other.
    .cModule("CGreenPython"),
    .module(
      "GreenPython",
      dependencies: [
        "CFiber", "CGlibc", "CGreenPython", "Green", "GreenHTTP", "GreenHTTP2", "GreenRedirect", "GreenServer",
        "GreenTLS", "GreenWebSocket", .httpTypes, .logging, .systemPackage,
      ]),
    .module("GreenHTTP", dependencies: ["CGlibc", "Green", .httpTypes, .systemPackage]),
    // Not for programs that do not ask for WebSockets: libcrypto and zlib take time to load.
    .cModule("CDeflate", libraries: ["z"]),
    // Not for programs that do not ask for compressed answers.
    .cModule("CContentCoding", dependencies: ["CDeflate"], libraries: ["brotlidec", "brotlienc", "zstd"]),
    .module("GreenCompression", dependencies: ["CContentCoding", "Green", "GreenHTTP", "GreenWeb", .httpTypes]),
    .cModule("CSHA1", libraries: ["crypto"]),
    .module(
      "GreenWebSocket",
      dependencies: ["CDeflate", "CSHA1", "Green", "GreenHTTP", "GreenTasks", "GreenWeb", .httpTypes, .systemPackage]),
    // Not for programs that do not ask for TLS: OpenSSL takes time to load.
    .cModule("CTLS", libraries: ["ssl", "crypto"]),
    .module("GreenTLS", dependencies: ["CTLS", "Green", "GreenHTTP", .systemPackage]),
    // Not for programs that do not ask for HTTP/2.
    .systemLibrary(name: "CNGHTTP2", providers: [.apt(["libnghttp2-dev"])]),
    .module("GreenHTTP2", dependencies: ["CNGHTTP2", "Green", "GreenHTTP", .httpTypes, .systemPackage]),
    // Not for programs that ask nobody.
    .module("GreenHTTPClient", dependencies: ["Green", "GreenHTTP", "GreenTasks", .httpTypes, .systemPackage]),
    .module("GreenWeb", dependencies: ["Green", "GreenHTTP", "GreenTasks", .httpTypes, .logging]),
    // Not for programs without such a database.
    .systemLibrary(name: "CPQ", providers: [.apt(["libpq-dev"])]),
    .module("GreenPostgres", dependencies: ["CPQ", "Green", "GreenTasks", "GreenWeb", .logging, .systemPackage]),
    .systemLibrary(name: "CGreenHiredis", providers: [.apt(["libhiredis-dev"])]),
    .module(
      "GreenRedis", dependencies: ["CGreenHiredis", "Green", "GreenHTTP", "GreenTasks", "GreenWeb", .systemPackage]),
    .module(
      "GreenJobs", dependencies: ["Green", "GreenHTTP", "GreenRedis", "GreenTasks", "GreenWeb", .httpTypes, .logging]),
    // Not for programs that send no mails.
    .module("GreenMail", dependencies: ["Green", "GreenHTTP", "GreenTasks", .systemPackage]),
    // Not for programs of one language.
    .module("GreenInternational", dependencies: ["Green", "GreenHTTP", .httpTypes]),
    // Not for programs whose interface is not described.
    .module("GreenOpenAPI", dependencies: ["GreenHTTP", "GreenWeb", .httpTypes]),
    // Not for programs, but for their tests.
    .module(
      "GreenWebTesting", dependencies: ["Green", "GreenHTTP", "GreenHTTPClient", "GreenTasks", "GreenWeb", .httpTypes]),
    // Not for tests without WebSockets, whose libraries they would need.
    .module(
      "GreenWebSocketTesting",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebSocket", "GreenWebTesting", .httpTypes,
        .logging,
      ]),
    // Not for programs without sessions: libcrypto takes time to load.
    .cModule("CSecrets", libraries: ["crypto", "crypt"]),
    .module("GreenSessions", dependencies: ["CSecrets", "Green", "GreenHTTP", "GreenWeb", .httpTypes, .logging]),
    // Not for programs without tokens.
    .cModule("CSignatures", libraries: ["crypto"]),
    .module("GreenJWT", dependencies: ["CSignatures", "GreenHTTP", "GreenWeb", .httpTypes]),
    // Not for programs whose pages are written in Swift: it brings the whole of Foundation.
    .module(
      "GreenTemplates", dependencies: ["Green", "GreenWeb", .product(name: "Mustache", package: "swift-mustache")]),
    .module(
      "GreenServer",
      dependencies: [
        "CFiber", "CGlibc", "CInspect", "CProcess", "CSignals", "Green", "GreenHTTP", "GreenRedirect", "GreenTasks",
        .httpTypes, .logging, .systemPackage,
      ]),
    .module(
      "Greenfinch",
      dependencies: [
        "Green", "GreenHTTP", "GreenRedirect", "GreenTasks", "GreenWeb", "GreenServer", .systemPackage,
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
        .product(name: "TOMLKit", package: "TOMLKit", condition: .when(traits: ["TOML"])),
        .product(name: "CoreMetrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
        .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Tracing"])),
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ]),

    .program("GreenfinchCommand", dependencies: ["GreenPython", "Greenfinch"]),

    // Programs that the tests drive: what cannot be tried inside a test runner.
    .module("CaseSupport", dependencies: ["Green"], path: "Tests/Programs/Support"),
    .testProgram(
      "redirect",
      dependencies: ["CCalls", "CaseSupport", "CxxCalls", "Green", "GreenRedirect", "ThreadCalls", "WaitCalls"]),
    .cModule("ThreadCalls", path: "Tests/Programs/ThreadCalls"),
    .cModule("CCalls", path: "Tests/Programs/CCalls"),
    .target(name: "CxxCalls", path: "Tests/Programs/CxxCalls"),
    // The same POSIX calls, plainly and redirected.
    .cModule("CDifferential", path: "Tests/Programs/CDifferential"),
    .testProgram("differential", dependencies: ["CDifferential", "CaseSupport", "Green", "GreenRedirect"]),
    .cModule("WaitCalls", path: "Tests/Programs/WaitCalls"),
    .testProgram(
      "runtime",
      dependencies: ["CLibEv", "CaseSupport", "CSandbox", "Green", "GreenHTTP", "GreenTesting", .systemPackage]),
    .testProgram("tasks", dependencies: ["CaseSupport", "Green", "GreenRedirect", "GreenTasks"]),
    .cModule("CSandbox", path: "Tests/Programs/CSandbox"),
    .testProgram("names", dependencies: ["CaseSupport", "Green", "TestSupport"]),
    // Defines functions of libc, as the redirect does: no test may depend on it, since all tests are linked into one.
    .cModule("ChaosCalls", path: "Tests/Programs/ChaosCalls"),
    .testProgram("chaos", dependencies: ["CaseSupport", "ChaosCalls", "Green", .systemPackage]),
    .testProgram("app", dependencies: ["CSandbox", "Green", "Greenfinch"]),
    .testProgram("talk", dependencies: ["GreenWebSocket", "Greenfinch"]),
    .testProgram("echoing", dependencies: ["Green", "GreenWebSocket"]),
    .testProgram("secure", dependencies: ["GreenTLS", "GreenWebSocket", "Greenfinch"]),

    // Requests, right and wrong, with what must come of them, and a program that says what it saw.
    .module(
      "RequestCorpus", dependencies: ["GreenHTTP", .httpTypes], path: "Tests/RequestCorpus",
      exclude: ["corpus.py", "requests"]),
    .testProgram("reading", dependencies: ["Green", "GreenHTTP"]),
    .testProgram("mirror", dependencies: ["GreenTLS", "Greenfinch", "RequestCorpus"]),
    .testProgram("compressing", dependencies: ["GreenCompression", "GreenHTTP2", "GreenTLS", "Greenfinch"]),
    .testProgram("streams", dependencies: ["Green", "GreenHTTP2", "GreenTLS", "GreenWebSocket", "Greenfinch"]),

    .module(
      "TestSupport", dependencies: ["CGlibc", "CaseSupport", "Green", "GreenTesting"], path: "Tests/TestSupport"),
    // Traits and checks that need the module of tests: nothing but tests depends on it.
    .module("SuiteSupport", dependencies: ["Green", "TestSupport"], path: "Tests/SuiteSupport"),
    .tests(
      "GreenTests",
      dependencies: [
        "CFiber", "Green", "GreenTesting", "SuiteSupport", "TestSupport", "names", "runtime", .systemPackage,
      ]),
    .tests(
      "GreenTestingTests",
      dependencies: ["Green", "GreenHTTP", "GreenTesting", "SuiteSupport", "TestSupport", .httpTypes, .systemPackage]),
    // The redirect defines functions of libc, and all tests are linked into one program: what needs it is tried in
    // programs.
    .tests(
      "GreenRedirectTests",
      dependencies: ["Green", "SuiteSupport", "TestSupport", "differential", "hello", "redirect"]),
    .tests("GreenTasksTests", dependencies: ["Green", "GreenTasks", "SuiteSupport", "TestSupport", "tasks"]),
    .tests("GreenCTests", dependencies: ["SuiteSupport", "TestSupport"]),
    .tests(
      "GreenHTTPTests",
      dependencies: [
        "CGlibc", "Green", "GreenHTTP", "RequestCorpus", "SuiteSupport", "TestSupport", .httpTypes, .systemPackage,
      ]),
    .tests(
      "GreenWebTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport",
        "TestSupport", .httpTypes, .inMemoryLogging, .logging,
      ]),
    .tests(
      "GreenOpenAPITests", dependencies: ["GreenHTTP", "GreenOpenAPI", "GreenWeb", "GreenWebTesting", "SuiteSupport"]),
    .tests(
      "GreenWebTestingTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport", "TestSupport", .httpTypes,
      ]),
    .tests(
      "GreenWebSocketTests",
      dependencies: ["Green", "GreenHTTP", "GreenWebSocket", "SuiteSupport", "TestSupport", .systemPackage]),
    .tests(
      "GreenWebSocketTestingTests",
      dependencies: [
        "Green", "GreenHTTP", "GreenTasks", "GreenTesting", "GreenWeb", "GreenWebSocket", "GreenWebSocketTesting",
        "GreenWebTesting", "SuiteSupport", "TestSupport", .httpTypes, .inMemoryLogging, .logging,
      ]),
    .cModule("CDecoders", path: "Tests/Programs/CDecoders", libraries: ["brotlidec", "z", "zstd"]),
    .tests(
      "GreenCompressionTests",
      dependencies: [
        "CDecoders", "Green", "GreenCompression", "GreenHTTP", "GreenWeb", "SuiteSupport", "TestSupport", .httpTypes,
      ]),
    .tests(
      "GreenTLSTests", dependencies: ["Green", "GreenHTTP", "GreenTLS", "SuiteSupport", "TestSupport", .systemPackage]),
    .tests(
      "GreenHTTP2Tests",
      dependencies: [
        "CNGHTTP2", "Green", "GreenHTTP", "GreenHTTP2", "GreenWebSocket", "SuiteSupport", "TestSupport", .httpTypes,
        .systemPackage,
      ]),
    .tests(
      "GreenHTTPClientTests",
      dependencies: [
        "Green", "GreenCompression", "GreenHTTP", "GreenHTTP2", "GreenHTTPClient", "GreenTLS", "GreenTasks",
        "GreenTesting", "SuiteSupport", "TestSupport", .httpTypes, .systemPackage,
      ]),
    // PostgreSQL, Redis and a mail server, started by tests.
    .module("DataServers", dependencies: ["TestSupport"], path: "Tests/DataServers"),
    .tests(
      "GreenPostgresTests",
      dependencies: [
        "DataServers", "Green", "GreenPostgres", "GreenTasks", "SuiteSupport", "TestSupport", .systemPackage,
      ]),
    .tests(
      "GreenRedisTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenHTTPClient", "GreenRedis", "GreenTLS", "GreenTasks", "GreenWeb",
        "SuiteSupport", "TestSupport", .systemPackage,
      ]),
    .testProgram("keeper", dependencies: ["GreenJobs", "GreenPostgres", "GreenRedis", "Greenfinch"]),
    .testProgram("labour", dependencies: ["Green", "GreenJobs", "GreenRedis"]),
    .tests(
      "GreenJobsTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenJobs", "GreenRedis", "SuiteSupport", "TestSupport", "labour",
        .httpTypes,
      ]),
    .tests(
      "GreenSessionsTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenRedis", "GreenSessions", "GreenWeb", "SuiteSupport", "TestSupport",
        .httpTypes,
      ]),
    .tests("GreenTemplatesTests", dependencies: ["GreenTemplates", "GreenWeb", "GreenWebTesting", "SuiteSupport"]),
    .tests(
      "GreenJWTTests",
      dependencies: [
        "GreenHTTP", "GreenJWT", "GreenTesting", "GreenWeb", "GreenWebTesting", "SuiteSupport", .httpTypes,
      ]),
    .tests(
      "GreenInternationalTests",
      dependencies: ["GreenHTTP", "GreenInternational", "GreenTesting", "GreenWeb", "SuiteSupport", .httpTypes]),
    .tests(
      "GreenMailTests",
      dependencies: [
        "DataServers", "Green", "GreenHTTP", "GreenMail", "GreenTLS", "GreenTasks", "SuiteSupport", "TestSupport",
      ]),
    .tests(
      "GreenServerTests",
      dependencies: [
        "CProcess", "GreenHTTP", "GreenServer", "SuiteSupport", "TestSupport", .httpTypes, .logging, .systemPackage,
      ]),
    .tests("GreenfinchTests", dependencies: ["SuiteSupport", "TestSupport", "app"]),
    // What Scripts/fuzz feeds, and what that has kept.
    .module(
      "FuzzTargets", dependencies: ["Green", "GreenHTTP", "GreenHTTP2", "GreenWebSocket"], path: "Tests/FuzzTargets",
      exclude: ["corpus"]),
    .tests("FuzzReplayTests", dependencies: ["FuzzTargets", "SuiteSupport", "TestSupport"]),
    // Servers as processes, asked as clients do.
    .tests(
      "EndToEndTests",
      dependencies: [
        "CFiber", "DataServers", "Green", "GreenHTTP", "GreenHTTP2", "GreenHTTPClient", "GreenPostgres", "GreenTLS",
        "GreenWebSocket", "GreenfinchCommand", "RequestCorpus", "SuiteSupport", "TestSupport", "app", "hello",
        "anything",
        "compressing", "keeper", "mirror", "secure", "streams", "talk", "notes", "chat", "gather", "dashboard",
      ]),

    .program("hello", dependencies: ["Greenfinch"], path: "Examples/hello"),
    .program("anything", dependencies: ["Greenfinch"], path: "Examples/anything"),

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
