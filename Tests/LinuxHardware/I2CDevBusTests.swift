import Glibc
import SensorCore
import TestSupport
import Testing

@testable import LinuxHardware

struct I2CDevBusTests {
    private let address: I2CAddress

    init() throws { address = try #require(I2CAddress(0x76)) }

    private func transferError(_ bus: I2CDevBus, written: Int = 1, read: Int = 8) -> I2CError? {
        let command = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: written)
        command.initialize(repeating: 0xd0)
        let answer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: read)
        defer {
            command.deallocate()
            answer.deallocate()
        }
        do throws(I2CError) {
            try bus.transfer(to: address, write: UnsafeBufferPointer(command), read: answer)
            return nil
        } catch { return error }
    }

    @Test("Says how to enable a missing bus") func saysHowToEnableAMissingBus() throws {
        let dev = ScratchFolder()
        let error = try #require(transferError(I2CDevBus(path: "\(dev.path)/i2c-1", timeout: .seconds(1))))
        #expect(error.kind == .unavailable)
        #expect(error.code == ENOENT)
        #expect(error.operation.contains("\(dev.path)/i2c-1"))
        #expect(error.operation.contains("dtparam=i2c_arm=on"))
    }

    @Test("Tries a bus that comes later again") func triesABusThatComesLaterAgain() throws {
        let dev = ScratchFolder()
        let bus = I2CDevBus(path: "\(dev.path)/i2c-1", timeout: .seconds(1))
        #expect(transferError(bus)?.code == ENOENT)
        dev.link("i2c-1", to: "/dev/null")
        let error = try #require(transferError(bus))
        #expect(error.kind == .unavailable)
        #expect(error.code == ENOTTY)
        #expect(error.operation.contains("not an I2C device"))
    }

    @Test("Refuses messages the kernel would not take") func refusesMessagesTheKernelWouldNotTake() {
        let bus = I2CDevBus(path: "/dev/null", timeout: .seconds(1))
        #expect(transferError(bus, written: 1, read: 8193)?.code == EINVAL)
        // This one gets as far as the device.
        #expect(transferError(bus, written: 8192, read: 8192)?.code == ENOTTY)
    }

    /// kernel documentation, i2c/fault-codes; EREMOTEIO is what i2c-bcm2835 returns for a missing acknowledge.
    @Test(
        "Names the kind of an error",
        arguments: [
            (ENXIO, .nack), (EREMOTEIO, .nack), (ETIMEDOUT, .timeout), (ENOENT, .unavailable), (ENODEV, .unavailable),
            (EACCES, .unavailable), (EIO, .bus), (EAGAIN, .bus), (EBUSY, .bus), (EPROTO, .bus), (EOPNOTSUPP, .bus),
        ] as [(Int32, I2CError.Kind)])
    func namesTheKindOfAnError(code: Int32, kind: I2CError.Kind) {
        #expect(i2cErrorKind(code) == kind)
    }

    @Test(
        "Counts the timeout in tens of milliseconds",
        arguments: [
            (-1, 1), (0, 1), (1, 1), (10_000_000, 1), (10_000_001, 2), (25_000_000, 3), (1_000_000_000, 100),
            (Int64.max, 2_147_483_647),
        ] as [(Int64, UInt)])
    func countsTheTimeoutInTensOfMilliseconds(nanoseconds: Int64, count: UInt) {
        #expect(i2cTimeoutCount(TimeSpan(nanoseconds: nanoseconds)) == count)
    }

    @Test(
        "Takes the bus number from the name",
        arguments: [
            ("/dev/i2c-1", 1), ("/dev/i2c-22", 22), ("/dev/null", nil), ("/dev/i2c-", nil), ("/dev/i2c-1x", nil),
        ] as [(String, Int?)])
    func takesTheBusNumberFromTheName(path: String, number: Int?) {
        #expect(busNumber(ofDevice: path) == number)
    }

    @Test("Names the kernel driver of an address") func namesTheKernelDriverOfAnAddress() throws {
        let sysfs = ScratchFolder()
        sysfs.makeFolder("1-0068")
        sysfs.link("1-0068/driver", to: "../../../bus/i2c/drivers/rtc-ds1307")
        // Declared, but no driver has taken it.
        sysfs.makeFolder("1-0076")
        let bus = I2CDevBus(path: "/dev/i2c-1", timeout: .seconds(1), sysfs: sysfs.path)
        #expect(bus.kernelDriver(at: try #require(I2CAddress(0x68))) == "rtc-ds1307")
        #expect(bus.kernelDriver(at: address) == nil)
        #expect(bus.kernelDriver(at: try #require(I2CAddress(0x44))) == nil)
        let other = I2CDevBus(path: "/dev/i2c-2", timeout: .seconds(1), sysfs: sysfs.path)
        #expect(other.kernelDriver(at: try #require(I2CAddress(0x68))) == nil)
    }

    /// /sys/bus/i2c/devices/1-0068 as the kernel's rtc-ds1307 makes it.
    @Test("Reads what the kernel's driver says") func readsWhatTheKernelsDriverSays() throws {
        let sysfs = ScratchFolder()
        let clock = try #require(I2CAddress(0x68))
        let bus = I2CDevBus(path: "/nowhere/i2c-1", timeout: .seconds(1), sysfs: sysfs.path)
        func kind(_ attribute: String) -> I2CError.Kind? {
            do throws(I2CError) {
                _ = try bus.kernelValue(attribute, at: clock)
                return nil
            } catch { return error.kind }
        }
        #expect(kind("hwmon/*/temp1_input") == .held)
        for folder in ["1-0068", "1-0068/hwmon", "1-0068/hwmon/hwmon3"] { mkdir("\(sysfs.path)/\(folder)", 0o700) }
        func write(_ text: String) {
            guard let file = fopen("\(sysfs.path)/1-0068/hwmon/hwmon3/temp1_input", "w") else {
                Issue.record("the stand-in for sysfs can't be written")
                return
            }
            fputs(text, file)
            fclose(file)
        }
        write("23250\n")
        #expect(try bus.kernelValue("hwmon/*/temp1_input", at: clock) == 23_250)
        write("-1500\n")
        #expect(try bus.kernelValue("hwmon/*/temp1_input", at: clock) == -1500)
        write("warm\n")
        #expect(kind("hwmon/*/temp1_input") == .held)
        write("")
        #expect(kind("hwmon/*/temp1_input") == .held)
    }
}
