// swift-tools-version:6.0
import PackageDescription

// Needs libfuse3-dev, which a node does not: so a package of its own.
let package = Package(
    name: "cuse-bus",
    dependencies: [.package(name: "reallabor-node", path: "../../..")],
    targets: [
        .systemLibrary(name: "CFuse3"),
        .executableTarget(
            name: "cuse-bus",
            dependencies: ["CFuse3", .product(name: "HardwareMocks", package: "reallabor-node")],
            swiftSettings: [
                .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
