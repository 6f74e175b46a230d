/// What `simulate --format json` prints.
package struct SimulationOutput: Decodable {
    package struct Channel: Decodable {
        package var channel: String
        package var counted: UInt64
        package var `true`: UInt64
        package var rejected_glitches: UInt64
    }

    package var channels: [Channel]
    package var records: UInt64
    package var acknowledged_through: UInt64?
    package var delivered: Bool?
    package var stopped_early: Bool
}
