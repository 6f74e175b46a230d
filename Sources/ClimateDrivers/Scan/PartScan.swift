public import SensorCore

/// Looks for parts on a bus, politely: only at addresses that known parts can have, and there with no more than a register
/// pointer or a harmless command and a read. What a driver of the kernel holds is left alone.
public enum PartScan {
    public struct Finding: Hashable, Sendable {
        public var address: I2CAddress
        /// By its name in the configuration; nil when somebody answers who is none of the parts.
        public var part: String?
        public var certainty: PartIdentity.Certainty
        public var evidence: String
    }

    /// Addresses where anything known can be, in their order.
    public static let addresses: [I2CAddress] = Set(ClimateParts.all.flatMap(\.addresses) + TCA9548A.addresses)
        .sorted { $0.rawValue < $1.rawValue }

    /// Who is at an address, the surest first; empty when nobody answers. Blocks for some ms.
    public static func look(at address: I2CAddress, on bus: any I2CBus, clock: any NodeClock) -> [Finding] {
        if let holder = bus.kernelDriver(at: address) {
            return [
                Finding(
                    address: address, part: part(heldBy: holder), certainty: .likely, evidence: "the kernel's driver \(holder) holds it")
            ]
        }
        var findings: [Finding] = []
        for part in ClimateParts.parts where part.description.addresses.contains(address) {
            guard let identity = identify(part, at: address, on: bus, clock: clock) else { continue }
            findings.append(
                Finding(
                    address: address, part: part.description.name, certainty: identity.certainty, evidence: identity.evidence))
        }
        // What says its name leaves no room for guesses, and what answers in its own way none for mere presence.
        for certainty in [PartIdentity.Certainty.certain, .likely] where findings.contains(where: { $0.certainty == certainty }) {
            return findings.filter { $0.certainty == certainty }
        }
        if !findings.isEmpty { return findings }
        guard answers(address, on: bus) else { return [] }
        let isMultiplexer = TCA9548A.addresses.contains(address)
        return [
            Finding(
                address: address, part: isMultiplexer ? TCA9548A.name : nil, certainty: .possible,
                evidence: isMultiplexer ? "somebody answers; the part has no id" : "somebody answers who is none of the known parts")
        ]
    }

    /// A part that is reached through a driver of the kernel.
    private static func part(heldBy holder: String) -> String? {
        ClimateParts.parts.first { $0.kernelDriver == holder }?.description.name
    }

    /// One byte read, without writing anything.
    private static func answers(_ address: I2CAddress, on bus: any I2CBus) -> Bool {
        var byte: UInt8 = 0
        return withUnsafeMutablePointer(to: &byte) { pointer in
            do throws(I2CError) {
                try bus.transfer(
                    to: address, write: UnsafeBufferPointer(start: nil, count: 0),
                    read: UnsafeMutableBufferPointer(start: pointer, count: 1))
                return true
            } catch {
                return false
            }
        }
    }

    /// nil when it is certainly not this part, or does not answer like it.
    private static func identify(
        _ part: ClimatePart, at address: I2CAddress, on bus: any I2CBus, clock: any NodeClock
    ) -> PartIdentity? {
        let link = PartLink(
            bus: bus, address: address, printedName: part.printedName, name: part.description.name, now: clock.now(), polls: 0,
            surroundings: Surroundings())
        do throws(SensorError) {
            try part.ask(link)
            // What the slowest command needs until its answer is there; registers need nothing.
            clock.sleep(for: .milliseconds(25))
            return try part.identify(link)
        } catch {
            return nil
        }
    }
}
