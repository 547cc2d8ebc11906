// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "FencedStorage",
    dependencies: [.package(name: "lockstep", path: "../..")],
    targets: [
        .executableTarget(
            name: "FencedStorage",
            dependencies: [
                .product(name: "Lockstep", package: "lockstep"),
                .product(name: "LockstepCoordination", package: "lockstep"),
                .product(name: "LockstepTesting", package: "lockstep"),
            ])
    ]
)
