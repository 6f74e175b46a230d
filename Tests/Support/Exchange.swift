package import SensorCore

extension I2CBus {
    /// One transfer with arrays.
    package func transferred(_ write: [UInt8], _ count: Int, at address: Int) throws(I2CError) -> [UInt8] {
        var read = [UInt8](repeating: 0xEE, count: count)
        var failure: I2CError?
        write.withUnsafeBufferPointer { written in
            read.withUnsafeMutableBufferPointer { buffer in
                do throws(I2CError) {
                    try self.transfer(to: I2CAddress(address)!, write: written, read: buffer)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return read
    }

    package func exchange(_ write: [UInt8], _ count: Int, at address: Int = 0x76) -> Exchange {
        do throws(I2CError) {
            return .success(try transferred(write, count, at: address))
        } catch {
            return .failure(error.kind)
        }
    }
}

/// What came of one transfer.
package enum Exchange: Equatable {
    case success([UInt8])
    case failure(I2CError.Kind)
}
