// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "AirTraffic",
    dependencies: [.package(name: "lockstep", path: "../..")],
    targets: [
        .executableTarget(name: "AirTraffic", dependencies: [.product(name: "Lockstep", package: "lockstep")])
    ]
)
