// swift-tools-version:6.0
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A C library of the system, seen through `Sources/NAME/module.modulemap`. Each has exactly one Swift importer.
func cLibrary(_ name: String) -> Target { .systemLibrary(name: name, path: "Sources/\(name)") }

func room(
    _ name: String, path: String? = nil, imports: [Target.Dependency] = ["SensorCore"], resources: [Resource] = [],
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: imports, path: path ?? "Sources/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strict)
}

func tests(_ name: String, imports: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: imports, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "reallabor-node",
    products: [
        .executable(name: "reallabor-node", targets: ["reallabor-node"]),
        // The kernel lab's nested package puts these emulators behind a real /dev/i2c-*.
        .library(name: "HardwareMocks", targets: ["HardwareMocks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        cLibrary("CGPIOD"), cLibrary("CLinuxI2C"), cLibrary("CLinuxHost"), cLibrary("CHostFiles"),
        cLibrary("CMosquitto"), cLibrary("CSQLite"), cLibrary("CSystemd"), cLibrary("CTransportProcess"), cLibrary("CYAML"),

        room("SensorCore", imports: []),
        room("PulsePipeline"),
        // What was recorded, of inputs and of buses: written and read.
        room("Recordings", imports: ["SensorCore", "JSONText"]),
        room("EdgeAnalysis", imports: ["SensorCore", "PulsePipeline"]),
        room("JSONText"),
        room("ClimateDrivers"),
        room("LinuxHardware", imports: ["SensorCore", "HostFiles", "CGPIOD", "CLinuxI2C", "CLinuxHost"]),
        room("StoreForward", imports: ["SensorCore", "HostFiles", "CSQLite"]),
        room("RecordFormats", imports: ["SensorCore", "JSONText"]),
        room("HostFiles", imports: ["SensorCore", "CHostFiles"]),
        room("Delivery", imports: ["SensorCore", "HostFiles"]),
        // What speaks with brokers is a process of its own: frames and the node's side of it, the library, the process's side.
        room("TransportProcess", imports: ["SensorCore", "HostFiles", "Delivery", "CTransportProcess"]),
        room("MQTTTransport", imports: ["SensorCore", "HostFiles", "Delivery", "TransportProcess", "CMosquitto"]),
        room(
            "TransportService", imports: ["SensorCore", "HostFiles", "Delivery", "TransportProcess", "MQTTTransport", "ServiceManager"]),
        room("DeliveryAudit", imports: ["SensorCore", "JSONText"]),
        room("ControlSocket", imports: ["SensorCore", "JSONText"]),
        room("ServiceManager", imports: ["SensorCore", "CSystemd"]),
        room("NodeConfiguration", imports: ["SensorCore", "HostFiles", "Calibration", "PulsePipeline", "CYAML"]),
        room("Calibration", path: "Calibration"),
        room(
            "HardwareMocks", path: "HardwareMocks", imports: ["SensorCore", "JSONText"],
            // In the program itself: a data file would need an accessor that imports Foundation.
            resources: [
                .embedInCode("Scenarios/school-gate.json"), .embedInCode("Scenarios/quiet-night.json"),
                .embedInCode("Scenarios/cycle-path.json"), .embedInCode("Scenarios/main-road.json"),
                .embedInCode("Scenarios/storm.json"),
            ],
            exclude: ["Recordings"]),
        // The running node.
        room(
            "NodeRuntime",
            imports: [
                "SensorCore", "HostFiles", "PulsePipeline", "ClimateDrivers", "Calibration", "LinuxHardware", "StoreForward",
                "RecordFormats", "Delivery", "TransportProcess", "ServiceManager", "NodeConfiguration", "ControlSocket", "JSONText",
            ]),
        // The same node on simulated hardware.
        room(
            "NodeSimulation",
            imports: [
                "SensorCore", "NodeRuntime", "HardwareMocks", "PulsePipeline", "ClimateDrivers", "LinuxHardware",
                "NodeConfiguration", "JSONText", "StoreForward", "Delivery", "HostFiles", "TransportProcess",
            ]),
        // Checks as values, for 'check' and 'run'.
        room(
            "Diagnosis",
            imports: ["SensorCore", "NodeRuntime", "NodeConfiguration", "Calibration", "LinuxHardware", "StoreForward"]),
        .executableTarget(
            name: "reallabor-node",
            dependencies: [
                "SensorCore", "HostFiles", "PulsePipeline", "Recordings", "EdgeAnalysis", "ClimateDrivers", "LinuxHardware",
                "StoreForward", "RecordFormats", "Delivery", "TransportProcess", "TransportService", "ServiceManager", "NodeConfiguration",
                "Calibration",
                "ControlSocket", "DeliveryAudit", "JSONText", "NodeRuntime", "NodeSimulation", "Diagnosis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/reallabor-node", swiftSettings: strict),

        // What tests of several rooms need: scratch folders, seeded numbers, child processes, a broker, threads for tests that wait.
        .target(name: "TestSupport", dependencies: ["SensorCore", "StoreForward"], path: "Tests/Support", swiftSettings: strict),
        tests("SensorCore", imports: ["SensorCore", "TestSupport"]),
        // Detectors against the truth of simulated streets: `make accuracy`.
        .executableTarget(
            name: "StreetAccuracy", dependencies: ["SensorCore", "PulsePipeline", "EdgeAnalysis", "HardwareMocks"],
            path: "Tests/StreetAccuracy",
            swiftSettings: strict),
        // How fast channels are, and that they do not allocate: `make bench`.
        .target(name: "PlainChannels", path: "Tests/PipelineBench/PlainC"),
        .executableTarget(
            name: "PipelineBench", dependencies: ["SensorCore", "PulsePipeline", "HardwareMocks", "PlainChannels"],
            path: "Tests/PipelineBench", exclude: ["counting-malloc.c", "allocations.sh", "gpiozero_chain.py", "PlainC"],
            swiftSettings: strict),
        // Lines whose edges come through pipes, to the real reader.
        .target(
            name: "PipedLines", dependencies: ["SensorCore", "LinuxHardware"], path: "Tests/PipedLines", swiftSettings: strict),
        // What the counting thread costs and how late it counts, and long traces to replay: `make bench`.
        .executableTarget(
            name: "EdgeBench", dependencies: ["SensorCore", "HostFiles", "PulsePipeline", "LinuxHardware", "PipedLines"],
            path: "Tests/EdgeBench", exclude: ["replay.py"], swiftSettings: strict),
        // A race that the thread sanitizer must find: `make check-threads`.
        .executableTarget(
            name: "PlantedRace", dependencies: ["PulsePipeline"], path: "Tests/PlantedRace", swiftSettings: strict),
        // What readings of climate parts cost, and ten thousand faults: `make bench`.
        .executableTarget(
            name: "ClimateBench", dependencies: ["SensorCore", "ClimateDrivers", "HardwareMocks"], path: "Tests/ClimateBench",
            swiftSettings: strict),
        tests("PulsePipeline", imports: ["SensorCore", "PulsePipeline", "HardwareMocks", "StreetAccuracy", "TestSupport"]),
        tests("Recordings", imports: ["SensorCore", "Recordings", "HardwareMocks", "TestSupport"]),
        tests("EdgeAnalysis", imports: ["SensorCore", "PulsePipeline", "EdgeAnalysis", "HardwareMocks"]),
        tests(
            "ClimateDrivers", imports: ["SensorCore", "ClimateDrivers", "HardwareMocks", "Recordings", "TestSupport"],
            exclude: ["independent"]),
        tests("LinuxHardware", imports: ["SensorCore", "HostFiles", "LinuxHardware", "PipedLines", "TestSupport"]),
        // A process of its own for the journal's tests to kill; also its figures.
        .executableTarget(
            name: "JournalExerciser", dependencies: ["SensorCore", "StoreForward", "CSQLite"], path: "Tests/JournalExerciser",
            swiftSettings: strict),
        tests(
            "StoreForward", imports: ["SensorCore", "StoreForward", "CSQLite", "JournalExerciser", "TestSupport"], exclude: ["Fixtures"]),
        tests("HostFiles", imports: ["SensorCore", "HostFiles", "TestSupport"]),
        tests("RecordFormats", imports: ["SensorCore", "JSONText", "RecordFormats", "TestSupport"]),
        // A journal and its publisher in a process of their own, for `make faults` and the figures of delivery.
        .executableTarget(
            name: "DeliveryExerciser",
            dependencies: [
                "SensorCore", "StoreForward", "Delivery", "TransportProcess", "TransportService", "RecordFormats",
            ],
            path: "Tests/DeliveryExerciser", swiftSettings: strict),
        tests("Delivery", imports: ["SensorCore", "Delivery", "DeliveryAudit", "RecordFormats", "TestSupport"]),
        tests(
            "MQTTTransport",
            imports: [
                "SensorCore", "HostFiles", "Delivery", "TransportProcess", "MQTTTransport", "RecordFormats", "DeliveryAudit", "TestSupport",
            ]),
        tests(
            "TransportProcess",
            imports: [
                "SensorCore", "HostFiles", "Delivery", "TransportProcess", "TransportService", "RecordFormats", "TestSupport",
                "reallabor-node",
            ]),
        tests("DeliveryAudit", imports: ["SensorCore", "DeliveryAudit", "RecordFormats", "TestSupport"]),
        tests("ControlSocket", imports: ["SensorCore", "ControlSocket", "TestSupport"]),
        tests("ServiceManager", imports: ["SensorCore", "ServiceManager"]),
        tests("NodeConfiguration", imports: ["SensorCore", "Calibration", "PulsePipeline", "NodeConfiguration", "TestSupport"]),
        tests("Calibration", imports: ["SensorCore", "Calibration"]),
        tests("HardwareMocks", imports: ["SensorCore", "HardwareMocks", "TestSupport"]),
        tests(
            "Diagnosis",
            imports: ["SensorCore", "HostFiles", "Diagnosis", "NodeRuntime", "NodeConfiguration", "PulsePipeline", "LinuxHardware"]),
        tests(
            "NodeRuntime",
            imports: [
                "SensorCore", "HostFiles", "NodeRuntime", "NodeSimulation", "HardwareMocks", "NodeConfiguration", "StoreForward",
                "PulsePipeline", "Delivery", "TransportProcess", "TransportService", "LinuxHardware", "ControlSocket", "Calibration",
                "ClimateDrivers", "TestSupport",
            ]),
        tests(
            "NodeSimulation",
            imports: [
                "SensorCore", "NodeRuntime", "NodeSimulation", "HardwareMocks", "NodeConfiguration", "StoreForward", "JSONText",
                "TransportService", "TestSupport",
            ]),
        // The commands.
        tests(
            "Node",
            imports: [
                "SensorCore", "HostFiles", "Recordings", "NodeRuntime", "NodeSimulation", "reallabor-node", "HardwareMocks",
                "NodeConfiguration", "StoreForward", "PulsePipeline", "Delivery", "TransportProcess", "LinuxHardware", "ControlSocket",
                "EdgeAnalysis", "Calibration", "ClimateDrivers", "DeliveryAudit", "TestSupport",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
