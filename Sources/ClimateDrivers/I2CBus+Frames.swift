import SensorCore

/// The shapes of transfer the parts speak, without allocation.
extension I2CBus {
    /// Sends a register or command and reads `count` bytes in the same transfer (repeated START).
    func read(_ count: Int, of address: I2CAddress, at register: UInt8) throws(SensorError) -> I2CFrame {
        try exchange(with: address, SIMD2(register, 0), writing: 1, reading: count)
    }

    /// As `read(_:of:at:)`, for what a recording may lack without harm; nil when it was not recorded.
    func readIfRecorded(_ count: Int, of address: I2CAddress, at register: UInt8) throws(SensorError) -> I2CFrame? {
        do throws(SensorError) {
            return try read(count, of: address, at: register)
        } catch {
            if error.kind == .notRecorded { return nil }
            throw error
        }
    }

    /// Reads `count` bytes without sending anything first.
    func read(_ count: Int, of address: I2CAddress) throws(SensorError) -> I2CFrame {
        try exchange(with: address, SIMD2(0, 0), writing: 0, reading: count)
    }

    /// Sends a one-byte command.
    func send(_ command: UInt8, to address: I2CAddress) throws(SensorError) {
        _ = try exchange(with: address, SIMD2(command, 0), writing: 1, reading: 0)
    }

    /// Writes one byte to one register.
    func write(_ value: UInt8, to register: UInt8, of address: I2CAddress) throws(SensorError) {
        _ = try exchange(with: address, SIMD2(register, value), writing: 2, reading: 0)
    }

    private func exchange(
        with address: I2CAddress, _ written: SIMD2<UInt8>, writing writeCount: Int, reading readCount: Int
    ) throws(SensorError) -> I2CFrame {
        var written = written
        var frame = I2CFrame(count: readCount)
        var failure: I2CError?
        // The with… functions of the Swift 6.0 library rethrow untyped, so the error is carried out by hand.
        withUnsafeMutableBytes(of: &written) { raw in
            frame.fill { read in
                do throws(I2CError) {
                    try self.transfer(
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
