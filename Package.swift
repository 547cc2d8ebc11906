// swift-tools-version: 6.2
import CompilerPluginSupport
import Foundation
import PackageDescription

// MARK: - Settings

/// `LOCKSTEP_STRICT=1` turns warnings into errors. CI sets it; a consumer's build never fails on a warning.
let isStrict = Context.environment["LOCKSTEP_STRICT"] == "1"

/// `LOCKSTEP_DOCS=1` adds the DocC plugin, which consumers should not have to resolve.
let wantsDocumentation = Context.environment["LOCKSTEP_DOCS"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// The simulations run in these, thousands a test: as fast as a release, with every check of a debug build.
let simulatedSwiftSettings: [SwiftSetting] =
    swiftSettings + (isStrict ? [.unsafeFlags(["-O", "-assert-config", "Debug"])] : [])

// MARK: - The macro's syntax library
//
// Building swift-syntax costs minutes. The toolchain brings the same library, compiled, so the macro is built
// against that one where it exists. `LOCKSTEP_SWIFT_SYNTAX=1` asks for the package all the same.

/// The folder of the toolchain's own syntax modules, found through the library that this manifest is linked with.
func toolchainSyntaxFolder() -> String? {
    guard Context.environment["LOCKSTEP_SWIFT_SYNTAX"] != "1", let maps = fopen("/proc/self/maps", "r") else {
        return nil
    }
    defer { fclose(maps) }
    // Line by line: the file changes while it is read, and reading it at once loses lines at times.
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), maps) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let start = text.firstIndex(of: "/"), let end = text.range(of: "/pm/ManifestAPI/") else { continue }
        let folder = "\(text[start..<end.lowerBound])/host"
        let module = "\(folder)/SwiftCompilerPluginMessageHandling.swiftmodule"
        return FileManager.default.fileExists(atPath: module) ? folder : nil
    }
    return nil
}

let syntaxFolder = toolchainSyntaxFolder()

let macroDependencies: [Target.Dependency] =
    syntaxFolder != nil
    ? []
    : [
        .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
        .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
    ]

let macroSwiftSettings: [SwiftSetting] =
    syntaxFolder.map { [.unsafeFlags(["-I", $0]), .define("LOCKSTEP_TOOLCHAIN_SYNTAX")] } ?? []

let macroLinkerSettings: [LinkerSetting] =
    syntaxFolder.map { folder in
        let libraries = [
            "SwiftSyntax", "SwiftSyntaxBuilder", "SwiftSyntaxMacros", "SwiftSyntaxMacroExpansion",
            "SwiftDiagnostics", "SwiftCompilerPluginMessageHandling",
        ]
        return [
            .unsafeFlags(["-L", folder, "-Xlinker", "-rpath", "-Xlinker", folder] + libraries.map { "-l\($0)" })
        ]
    } ?? []

// MARK: - The package

let package = Package(
    name: "lockstep",
    products: [
        .library(name: "Lockstep", targets: ["Lockstep"]),
        .library(name: "LockstepCoordination", targets: ["LockstepCoordination"]),
        .library(name: "LockstepTesting", targets: ["LockstepTesting"]),
        .executable(name: "lockstep", targets: ["LockstepCommand"]),
    ],
    traits: [
        .trait(name: "Verbs", description: "RDMA between hosts; needs libibverbs-dev."),
        .trait(name: "NUMA", description: "Pollers pinned to their NUMA nodes; needs libnuma-dev."),
        .trait(name: "TLS", description: "TLS between hosts on the TCP fabric."),
        .default(enabledTraits: ["Verbs", "NUMA", "TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.10.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.6.0"),
    ]
        + (syntaxFolder == nil
            ? [.package(url: "https://github.com/swiftlang/swift-syntax.git", "600.0.0"..<"700.0.0")] : [])
        + (wantsDocumentation
            ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin.git", from: "1.4.0")] : []),
    targets: [
        .target(
            name: "CLockstep",
            cSettings: [
                .define("_GNU_SOURCE"),
                .define("LOCKSTEP_VERBS", .when(traits: ["Verbs"])),
                .define("LOCKSTEP_NUMA", .when(traits: ["NUMA"])),
            ] + (isStrict ? [.treatAllWarnings(as: .error)] : []),
            linkerSettings: [.linkedLibrary("numa", .when(traits: ["NUMA"]))]
        ),
        .target(
            name: "LockstepFabric",
            dependencies: [
                "CLockstep",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: simulatedSwiftSettings
        ),
        .target(
            name: "LockstepProtocol",
            dependencies: ["LockstepFabric", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: simulatedSwiftSettings
        ),
        .macro(
            name: "LockstepMacros",
            dependencies: macroDependencies,
            swiftSettings: swiftSettings + macroSwiftSettings,
            linkerSettings: macroLinkerSettings
        ),
        .target(
            name: "Lockstep",
            dependencies: [
                "CLockstep", "LockstepFabric", "LockstepProtocol", "LockstepMacros",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["TLS"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
                .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["TLS"])),
                .product(name: "SwiftASN1", package: "swift-asn1", condition: .when(traits: ["TLS"])),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LockstepCertificates",
            dependencies: [
                "Lockstep",
                .product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["TLS"])),
                .product(name: "SwiftASN1", package: "swift-asn1", condition: .when(traits: ["TLS"])),
                .product(name: "X509", package: "swift-certificates", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LockstepCoordination",
            dependencies: ["Lockstep", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LockstepTesting",
            dependencies: [
                "CLockstep", "Lockstep", "LockstepCoordination", "LockstepFabric", "LockstepProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: simulatedSwiftSettings
        ),
        .executableTarget(
            name: "LockstepCommand",
            dependencies: [
                "CLockstep", "Lockstep", "LockstepCertificates", "LockstepCoordination", "LockstepFabric",
                "LockstepProtocol", "LockstepTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepFabricTests",
            dependencies: [
                "CLockstep", "Lockstep", "LockstepCertificates", "LockstepFabric", "LockstepTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepProtocolTests",
            dependencies: ["LockstepFabric", "LockstepProtocol", "LockstepTesting"],
            exclude: ["Transcripts"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepTests",
            dependencies: [
                "Lockstep", "LockstepCertificates", "LockstepFabric", "LockstepProtocol", "LockstepTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepCoordinationTests",
            dependencies: ["Lockstep", "LockstepCoordination", "LockstepTesting"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepMacrosTests",
            dependencies: ["Lockstep", "LockstepCoordination"],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LockstepCommandTests",
            dependencies: ["CLockstep", "LockstepCertificates", "LockstepCommand", "LockstepTesting"],
            swiftSettings: swiftSettings
        ),
    ]
)
