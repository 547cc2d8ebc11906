// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who depends on Lockstep resolves or builds what only measures it.

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["LOCKSTEP_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
    name: "lockstep-benchmarks",
    dependencies: [
        // What is measured here goes over shared memory.
        .package(name: "lockstep", path: "..", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "Table",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "Encoding",
            dependencies: [.product(name: "Lockstep", package: "lockstep")],
            swiftSettings: swiftSettings
        ),
        .target(name: "CAllocations"),
        .executableTarget(
            name: "Allocations",
            dependencies: [
                "CAllocations",
                .product(name: "Lockstep", package: "lockstep"),
                .product(name: "LockstepTesting", package: "lockstep"),
            ],
            swiftSettings: swiftSettings
        ),
    ]
)
