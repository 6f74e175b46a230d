import CLinuxI2C
import Glibc
public import SensorCore

/// An I2C bus of the kernel, `/dev/i2c-N`, by I2C_RDWR (kernel documentation, i2c/dev-interface).
///
/// The device is opened with the first transfer and again after it was gone, so a bus may come later than the node.
/// The kernel does not ask who owns an address: see `kernelDriver(at:)`.
public final class I2CDevBus: I2CBus {
    public let name: String
    private let timeout: TimeSpan
    private let sysfs: String
    private var descriptor: Int32 = -1

    /// The kernel's limit for one message (drivers/i2c/i2c-dev.c).
    package static let longestMessage = 8192

    /// - Parameters:
    ///   - path: the device: "/dev/i2c-1".
    ///   - timeout: after which the adapter gives a transfer up; rounded up to 10 ms, at least 10 ms.
    public convenience init(path: String, timeout: TimeSpan) {
        self.init(path: path, timeout: timeout, sysfs: "/sys/bus/i2c/devices")
    }

    init(path: String, timeout: TimeSpan, sysfs: String) {
        name = path
        self.timeout = timeout
        self.sysfs = sysfs
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        precondition(!write.isEmpty || !read.isEmpty, "a transfer needs something to transfer")
        guard max(write.count, read.count) <= Self.longestMessage else {
            throw I2CError(
                kind: .bus,
                operation: operationText(address, write.count, read.count)
                    + ": the kernel takes at most \(Self.longestMessage) bytes per message", code: EINVAL)
        }
        if descriptor < 0 { descriptor = try open() }
        let result = i2c_dev_transfer(
            descriptor, UInt16(address.rawValue), write.baseAddress, UInt16(write.count), read.baseAddress,
            UInt16(read.count))
        guard result != 0 else { return }
        let code = errno
        let kind = i2cErrorKind(code)
        if kind == .unavailable {
            close(descriptor)
            descriptor = -1
        }
        throw I2CError(kind: kind, operation: operationText(address, write.count, read.count), code: code)
    }

    /// The kernel driver bound to `address` ("rtc-ds1307"), whose part must be left to it; nil when there is none.
    public func kernelDriver(at address: I2CAddress) -> String? {
        guard let number = busNumber(ofDevice: name) else { return nil }
        let link = "\(sysfs)/\(number)-00\(hexadecimal(address.rawValue))/driver"
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { target in
            guard let start = target.baseAddress else { return nil }
            let length = readlink(link, start, target.count)
            guard length > 0 else { return nil }
            let path = String(decoding: UnsafeRawBufferPointer(target).prefix(length), as: UTF8.self)
            return path.split(separator: "/").last.map(String.init)
        }
    }

    public func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        guard let number = busNumber(ofDevice: name) else {
            throw I2CError(kind: .held, operation: "ask the kernel for \(attribute) of \(address) (\(name) is no i2c-N)")
        }
        let pattern = "\(sysfs)/\(number)-00\(hexadecimal(address.rawValue))/\(attribute)"
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let path = found.gl_pathv[0] else {
            throw I2CError(kind: .held, operation: "ask the kernel for \(pattern) (there is no such file)", code: ENOENT)
        }
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw I2CError(kind: .held, operation: "open \(String(cString: path))", code: errno) }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let count = text.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw I2CError(kind: .held, operation: "read \(String(cString: path))", code: errno) }
        let digits = String(decoding: text.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        guard let value = digits.flatMap({ Int64($0) }) else {
            throw I2CError(kind: .held, operation: "read \(String(cString: path)), which holds no number")
        }
        return value
    }

    private func operationText(_ address: I2CAddress, _ written: Int, _ read: Int) -> String {
        let parts = (written > 0 ? ["write \(written)"] : []) + (read > 0 ? ["read \(read)"] : [])
        return "\(parts.joined(separator: ", ")) at \(address) on \(name)"
    }

    private func open() throws(I2CError) -> Int32 {
        let opened = Glibc.open(name, O_RDWR | O_CLOEXEC)
        guard opened >= 0 else {
            let code = errno
            throw I2CError(kind: .unavailable, operation: "open \(name) (\(openAdvice(code)))", code: code)
        }
        do {
            try checkFunctions(of: opened)
            try setTimeout(of: opened)
        } catch {
            close(opened)
            throw error
        }
        return opened
    }

    private func checkFunctions(of opened: Int32) throws(I2CError) {
        var functions: UInt = 0
        guard i2c_dev_functions(opened, &functions) == 0 else {
            let code = errno
            throw I2CError(
                kind: .unavailable, operation: "ask \(name) what it can do (it is not an I2C device)", code: code)
        }
        guard functions & UInt(I2C_FUNC_I2C) != 0 else {
            throw I2CError(
                kind: .unavailable,
                operation: "use \(name) (its adapter speaks SMBus only, not plain I2C; choose another bus)")
        }
    }

    private func setTimeout(of opened: Int32) throws(I2CError) {
        let tens = i2cTimeoutCount(timeout)
        guard i2c_dev_set_timeout(opened, tens) == 0 else {
            let code = errno
            throw I2CError(kind: .unavailable, operation: "set the timeout of \(name) to \(tens * 10) ms", code: code)
        }
    }
}

/// I2C_TIMEOUT counts in 10 ms and takes an int.
func i2cTimeoutCount(_ timeout: TimeSpan) -> UInt {
    let step = TimeSpan.milliseconds(10).nanoseconds
    let whole = timeout.nanoseconds / step
    let count = timeout.nanoseconds % step > 0 ? whole + 1 : whole
    return UInt(min(max(count, 1), Int64(Int32.max)))
}

/// What an `errno` of I2C_RDWR means (kernel documentation, i2c/fault-codes).
///
/// The Raspberry Pi's own adapters report a missing acknowledge as EREMOTEIO, most others as ENXIO.
func i2cErrorKind(_ code: Int32) -> I2CError.Kind {
    switch code {
    case ENXIO, EREMOTEIO: .nack
    case ETIMEDOUT: .timeout
    case ENOENT, ENODEV, EACCES, EPERM, EBADF: .unavailable
    default: .bus
    }
}

private func openAdvice(_ code: Int32) -> String {
    switch code {
    case ENOENT, ENODEV, ENXIO:
        "there is no such bus; on a Raspberry Pi enable it with dtparam=i2c_arm=on in config.txt, and load i2c-dev"
    case EACCES, EPERM:
        "this user may not use I2C; add it to the group: `usermod -aG i2c USER`, then log in again "
            + "(a service needs SupplementaryGroups=i2c)"
    default: systemText(code)
    }
}

/// N of `/dev/i2c-N`, also behind a link; nil for a device with another name.
func busNumber(ofDevice path: String) -> Int? {
    var target = path
    if let resolved = realpath(path, nil) {
        target = String(cString: resolved)
        free(resolved)
    }
    guard let name = target.split(separator: "/").last, name.hasPrefix("i2c-") else { return nil }
    return Int(name.dropFirst(4))
}
