public import SensorCore

/// Texas Instruments TCA9548A: an eight-channel multiplexer (datasheet SCPS207H).
public enum TCA9548A {
    public static let name = "tca9548a"
    /// A2, A1 and A0 (§8.5.2, table 8-1).
    public static let addresses = (0x70...0x77).compactMap { I2CAddress($0) }
    public static let channels = 0...7
    /// Its control register has a bit per channel (§8.6.2) and is all there is to write and read.
    static func control(_ channel: Int) -> UInt8 { 1 << UInt8(channel) }
    static let allOff: UInt8 = 0
}

/// The multiplexers of one bus: at any time at most one channel of one of them is open, so that parts with the same
/// address behind different channels never meet.
///
/// What is open is remembered and trusted until something fails; then all are closed anew, since one that lost its power
/// has closed itself. Belongs to the bus's thread.
public final class BusMultiplexers {
    private let bus: any I2CBus
    private let addresses: [I2CAddress]
    private var open: (address: I2CAddress, channel: Int)?
    private var isKnown = false

    /// - Parameter addresses: of all multiplexers of the bus.
    public init(_ bus: any I2CBus, addresses: [I2CAddress]) {
        self.bus = bus
        self.addresses = addresses
    }

    /// The bus as the parts behind one channel see it. `channel` is 0 to 7.
    public func bus(behind address: I2CAddress, channel: Int) -> any I2CBus {
        MultiplexedI2CBus(self, address: address, channel: channel)
    }

    fileprivate var parent: any I2CBus { bus }

    fileprivate func select(_ address: I2CAddress, _ channel: Int) throws(I2CError) {
        if isKnown, let open, open == (address, channel) { return }
        let others = isKnown ? [open?.address].compactMap { $0 } : addresses
        isKnown = false
        for other in others where other != address { try write(TCA9548A.allOff, to: other) }
        try write(TCA9548A.control(channel), to: address)
        open = (address, channel)
        isKnown = true
    }

    fileprivate func forget() { isKnown = false }

    /// Written and read back in one transfer; the channel opens with its STOP (§8.6.2).
    private func write(_ control: UInt8, to address: I2CAddress) throws(I2CError) {
        var written = control
        var found: UInt8 = 0
        var failure: I2CError?
        // The with… functions of the Swift 6.0 library rethrow untyped, so the error is carried out by hand.
        withUnsafeMutablePointer(to: &written) { written in
            withUnsafeMutablePointer(to: &found) { found in
                do throws(I2CError) {
                    try bus.transfer(
                        to: address, write: UnsafeBufferPointer(start: written, count: 1),
                        read: UnsafeMutableBufferPointer(start: found, count: 1))
                } catch {
                    failure = error
                }
            }
        }
        if let failure {
            throw I2CError(
                kind: failure.kind, operation: "set the multiplexer at \(address) on \(bus.name)", code: failure.code)
        }
        if found != control {
            throw I2CError(
                kind: .bus,
                operation: "set the multiplexer at \(address) on \(bus.name) to 0x\(hexadecimal(control)), it says 0x\(hexadecimal(found))")
        }
    }
}

/// One channel's bus.
final class MultiplexedI2CBus: I2CBus {
    private let multiplexers: BusMultiplexers
    private let multiplexer: I2CAddress
    private let channel: Int
    let name: String

    fileprivate init(_ multiplexers: BusMultiplexers, address: I2CAddress, channel: Int) {
        self.multiplexers = multiplexers
        multiplexer = address
        self.channel = channel
        name = "\(multiplexers.parent.name) behind \(address) channel \(channel)"
    }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        try multiplexers.select(multiplexer, channel)
        do throws(I2CError) {
            try multiplexers.parent.transfer(to: address, write: write, read: read)
        } catch {
            // A part that is missing and a multiplexer that lost its power look alike.
            multiplexers.forget()
            throw error
        }
    }

    /// The kernel knows the bus itself alone: a driver at the multiplexer's own address holds all that is behind it, one at
    /// a part's address does not mean the part here.
    func kernelDriver(at address: I2CAddress) -> String? { multiplexers.parent.kernelDriver(at: multiplexer) }

    func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        try multiplexers.parent.kernelValue(attribute, at: multiplexer)
    }
}
