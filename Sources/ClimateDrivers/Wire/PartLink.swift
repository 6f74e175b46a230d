import SensorCore

/// A part as its driver reaches it in one step: its place, the moment, and the shapes of transfer the parts speak, none
/// of which allocates.
struct PartLink {
    let bus: any I2CBus
    let address: I2CAddress
    /// As printed on the part: "BME280".
    let printedName: String
    /// As configured: "bme280".
    let name: String
    let now: MonotonicInstant
    /// How often the driver went on waiting at this place already.
    let polls: Int
    let surroundings: Surroundings

    /// An error that says where it was.
    func error(_ kind: SensorErrorKind, _ text: String) -> SensorError {
        SensorError(kind, "\(printedName) at \(address) on \(bus.name): \(text)")
    }

    /// The same step again after `interval`, at most `limit` times; then `error`.
    func poll(
        _ step: Int, every interval: TimeSpan, limit: Int, _ error: @autoclosure () -> SensorError
    ) throws(SensorError) -> DriverStep {
        if polls >= limit { throw error() }
        return .again(from: step, after: interval)
    }

    /// Sends a register or command and reads `count` bytes in the same transfer (repeated START).
    func read(_ count: Int, at register: UInt8) throws(SensorError) -> I2CFrame {
        try exchange(SIMD8(register, 0, 0, 0, 0, 0, 0, 0), writing: 1, reading: count)
    }

    /// As `read(_:at:)`, for what a recording may lack without harm; nil when it was not recorded.
    func readIfRecorded(_ count: Int, at register: UInt8) throws(SensorError) -> I2CFrame? {
        do throws(SensorError) {
            return try read(count, at: register)
        } catch {
            if error.kind == .notRecorded { return nil }
            throw error
        }
    }

    /// Reads `count` bytes without sending anything first.
    func read(_ count: Int) throws(SensorError) -> I2CFrame {
        try exchange(SIMD8(repeating: 0), writing: 0, reading: count)
    }

    /// Sends a one-byte command.
    func send(_ command: UInt8) throws(SensorError) {
        _ = try exchange(SIMD8(command, 0, 0, 0, 0, 0, 0, 0), writing: 1, reading: 0)
    }

    /// Writes one byte to one register.
    func write(_ value: UInt8, to register: UInt8) throws(SensorError) {
        _ = try exchange(SIMD8(register, value, 0, 0, 0, 0, 0, 0), writing: 2, reading: 0)
    }

    /// Writes a word to one register, most significant byte first.
    func write(word: UInt16, to register: UInt8) throws(SensorError) {
        let high = UInt8(word >> 8), low = UInt8(truncatingIfNeeded: word)
        _ = try exchange(SIMD8(register, high, low, 0, 0, 0, 0, 0), writing: 3, reading: 0)
    }

    /// For parts that send no checksum but hold their registers still between conversions: what two reads in a row agree
    /// on counts, with one read more for a single disturbance. All bytes 0x00 or 0xFF are also what a dead line reads as,
    /// so there three must agree. `register` nil reads without a pointer.
    func readAgreeing(_ count: Int, at register: UInt8?) throws(SensorError) -> I2CFrame {
        func once() throws(SensorError) -> I2CFrame {
            if let register { return try read(count, at: register) }
            return try read(count)
        }
        var earlier = try once()
        var agreeing = 1
        for _ in 0..<3 {
            let frame = try once()
            agreeing = frame == earlier ? agreeing + 1 : 1
            let isSuspect = frame.isFilled(with: 0x00) || frame.isFilled(with: 0xFF)
            if agreeing >= (isSuspect ? 3 : 2) { return frame }
            earlier = frame
        }
        let place = register.map { " from 0x\(hexadecimal($0)) on" } ?? ""
        throw error(.bus, "reads of \(count) bytes\(place) differ each time; check wires, pull-ups and clock rate")
    }

    /// As `readAgreeing`, for what a recording may lack without harm; nil when it was not recorded.
    func readAgreeingIfRecorded(_ count: Int, at register: UInt8) throws(SensorError) -> I2CFrame? {
        do throws(SensorError) {
            return try readAgreeing(count, at: register)
        } catch {
            if error.kind == .notRecorded { return nil }
            throw error
        }
    }

    /// The first `writeCount` bytes, then a read of `readCount`.
    func exchange(
        _ written: SIMD8<UInt8>, writing writeCount: Int, reading readCount: Int
    ) throws(SensorError) -> I2CFrame {
        var written = written
        var frame = I2CFrame(count: readCount)
        var failure: I2CError?
        // The with… functions of the Swift 6.0 library rethrow untyped, so the error is carried out by hand.
        withUnsafeMutableBytes(of: &written) { raw in
            frame.fill { read in
                do throws(I2CError) {
                    try bus.transfer(
                        to: address,
                        write: UnsafeBufferPointer(rebasing: raw.bindMemory(to: UInt8.self)[..<writeCount]),
                        read: read)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw SensorError(failure) }
        return frame
    }
}
