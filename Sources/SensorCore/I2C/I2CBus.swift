/// A 7-bit I2C address, 0x08 to 0x77 (the others are reserved by the I2C specification, UM10204 §3.1.12).
public struct I2CAddress: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt8

    /// nil outside 0x08 ... 0x77.
    public init?(_ value: Int) {
        guard (0x08...0x77).contains(value) else { return nil }
        rawValue = UInt8(value)
    }

    public var description: String { "0x" + hexadecimal(rawValue) }
}

/// A channel of a multiplexer, where a part may be plugged.
public struct MultiplexerPort: Hashable, Sendable {
    public var address: I2CAddress
    /// 0 to 7.
    public var channel: Int

    public init(address: I2CAddress, channel: Int) {
        self.address = address
        self.channel = channel
    }
}

/// Two lower-case hexadecimal digits.
public func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
}

/// A transfer that did not take place as asked.
public struct I2CError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable {
        /// Nobody acknowledged: unplugged, wrong address, or a part that is busy by design.
        case nack
        /// The adapter gave up: a clock held low for longer than its timeout.
        case timeout
        /// Arbitration lost, a wire stuck, or an error the adapter does not name.
        case bus
        /// The bus device cannot be opened or used.
        case unavailable
        /// A driver of the kernel owns the address, and what was asked of it it does not give.
        case held
        /// A played-back recording has no answer to this read.
        case notRecorded
    }

    public var kind: Kind
    /// What was tried, on what: "write 1, read 8 at 0x76 on /dev/i2c-1".
    public var operation: String
    /// `errno`, or 0 where there is none.
    public var code: Int32

    public init(kind: Kind, operation: String, code: Int32 = 0) {
        self.kind = kind
        self.operation = operation
        self.code = code
    }

    public var description: String {
        let errno = code == 0 ? "" : " (errno \(code))"
        return switch kind {
        case .nack: "nobody answered (\(operation))\(errno): is it plugged in, and is its address right?"
        case .notRecorded: "\(operation): the recording has no answer"
        default: "\(operation): \(kind.rawValue)\(errno)"
        }
    }
}

/// One I2C bus, as its controller sees it. Used by one thread at a time; calls block for the transfer.
public protocol I2CBus: AnyObject {
    /// The bus for messages: "/dev/i2c-1".
    var name: String { get }
    /// START, `write` (if not empty), repeated START, fill `read` (if not empty), STOP: one indivisible transfer.
    /// At least one of the two is not empty. On an error the content of `read` is undefined and must not be used.
    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError)

    /// The kernel's driver that owns `address` ("rtc-ds1307"), whose part must be left to it; nil when there is none.
    func kernelDriver(at address: I2CAddress) -> String?

    /// A number that this driver gives of the part, by the path of its attribute under the device, where `*` stands for
    /// one folder: "hwmon/*/temp1_input". Throws `held` where it gives none.
    func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64
}

extension I2CBus {
    public func kernelDriver(at address: I2CAddress) -> String? { nil }

    public func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        throw I2CError(kind: .held, operation: "ask for \(attribute) of \(address) on \(name)")
    }
}
