import CFuse3
import Glibc
import HardwareMocks

/// `cuse-bus NAME UNPLUGGED_FOLDER`: serves /dev/NAME as an I2C bus until it is killed. On it an SHT4x at 0x44 that feels
/// 21.5 °C and 47 %RH, an SPS30 at 0x69 in air with 12.5 ug/m3 of PM2.5, and a TCA9548A at 0x70 with a TMP117 at 0x48 behind
/// channel 3 (7.25 °C) and another behind channel 5 (−7.25 °C).
@main
enum CUSEBus {
    static func main() {
        guard CommandLine.arguments.count == 3 else {
            print("usage: cuse-bus NAME UNPLUGGED_FOLDER")
            exit(64)
        }
        var sht4x = EmulatedSHT4x()
        sht4x.temperature = 21.5
        sht4x.humidity = 47
        var sps30 = EmulatedSPS30()
        // The larger sizes hold the smaller ones.
        sps30.feel(.pm2_5, 12.5)
        var (warm, cold) = (EmulatedTMP117(), EmulatedTMP117())
        warm.temperature = 7.25
        cold.temperature = -7.25
        let bus = EmulatedBus(
            devices: [0x44: sht4x, 0x69: sps30], behind: [(3, 0x48, warm), (5, 0x48, cold)],
            unpluggedFolder: CommandLine.arguments[2])
        exit(serve(BusDevice(bus: bus), as: CommandLine.arguments[1]))
    }

    /// Blocks until the kernel or a signal ends the session; libfuse's exit code.
    private static func serve(_ device: BusDevice, as name: String) -> Int32 {
        var operations = cuse_lowlevel_ops()
        operations.open = { request, file in
            guard let request, let file else { return }
            CUSEBus.device(of: request).open(request, file)
        }
        operations.release = { request, file in
            guard let request, let file else { return }
            CUSEBus.device(of: request).close(request, file.pointee.fh)
        }
        operations.read = { request, size, _, file in
            guard let request, let file else { return }
            CUSEBus.device(of: request).read(request, file.pointee.fh, count: size)
        }
        operations.write = { request, bytes, size, _, file in
            guard let request, let file else { return }
            let sent = UnsafeRawBufferPointer(start: bytes, count: size)
            CUSEBus.device(of: request).write(request, file.pointee.fh, Array(sent))
        }
        operations.ioctl = { request, command, argument, file, _, input, inputSize, outputSize in
            guard let request, let file else { return }
            CUSEBus.device(of: request).control(
                ControlCall(
                    request: request, command: UInt32(bitPattern: command), argument: argument,
                    file: file.pointee.fh, input: UnsafeRawBufferPointer(start: input, count: inputSize),
                    roomForAnswer: outputSize))
        }

        // In the foreground, and on one thread: an emulated part is one state machine.
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("cuse-bus"), strdup("-f"), strdup("-s")]
        let deviceName = strdup("DEVNAME=\(name)")
        defer {
            for text in arguments { free(text) }
            free(deviceName)
        }
        return withExtendedLifetime(device) {
            var settings: [UnsafePointer<CChar>?] = [UnsafePointer(deviceName)]
            return settings.withUnsafeMutableBufferPointer { settings in
                var info = cuse_info()
                info.dev_info_argc = 1
                info.dev_info_argv = settings.baseAddress
                info.flags = UInt32(CUSE_UNRESTRICTED_IOCTL)
                return cuse_lowlevel_main(
                    Int32(arguments.count), &arguments, &info, &operations, Unmanaged.passUnretained(device).toOpaque())
            }
        }
    }

    private static func device(of request: fuse_req_t) -> BusDevice {
        Unmanaged<BusDevice>.fromOpaque(fuse_req_userdata(request)).takeUnretainedValue()
    }
}
