import Glibc
import SensorCore
import TestSupport
import Testing

@testable import LinuxHardware

struct GPIOChipSearchTests {
    /// A Raspberry Pi 5 after the kernel renumbered its chips: 4 is a link to 0.
    private func raspberryPi5() -> ScratchFolder {
        let dev = ScratchFolder()
        _ = dev.write("gpiochip0", "pinctrl-rp1")
        _ = dev.write("gpiochip10", "gpio-brcmstb@107d508500")
        _ = dev.write("gpiomem", "no chip")
        dev.link("gpiochip4", to: "gpiochip0")
        dev.link("gpiochip9", to: "gone")
        return dev
    }

    private func identify(_ path: String) -> GPIOChipIdentity {
        let file = open(path, O_RDONLY)
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(file, &text, text.count)
        close(file)
        return count > 0 ? .label(String(decoding: text[..<count], as: UTF8.self)) : .unreadable(EACCES)
    }

    @Test("Lists each device once") func listsEachDeviceOnce() {
        let dev = raspberryPi5()
        #expect(gpioDevices(in: dev.path) == ["\(dev.path)/gpiochip0", "\(dev.path)/gpiochip10"])
    }

    @Test("Finds by label", arguments: [("pinctrl-rp1", "gpiochip0"), ("gpio-brcmstb@107d508500", "gpiochip10")])
    func findsByLabel(label: String, device: String) throws {
        let dev = raspberryPi5()
        #expect(try gpioDevice(labelled: label, in: dev.path, identify: identify) == "\(dev.path)/\(device)")
    }

    @Test("Names what is there instead") func namesWhatIsThereInstead() {
        let dev = raspberryPi5()
        let error = thrown(EdgeSourceError.self) {
            try gpioDevice(labelled: "pinctrl-bcm2711", in: dev.path, identify: identify)
        }
        #expect(error?.code == ENOENT)
        #expect(error?.description.contains("\"pinctrl-bcm2711\"") == true)
        #expect(error?.advice.description.contains("\"pinctrl-rp1\"") == true)
        #expect(error?.advice.description.contains("gpio-brcmstb") == true)
        #expect(error?.advice.description.contains("gpiochip4") == false)
    }

    @Test("Says which group is missing") func saysWhichGroupIsMissing() {
        let dev = raspberryPi5()
        let error = thrown(EdgeSourceError.self) {
            try gpioDevice(labelled: "pinctrl-rp1", in: dev.path) { _ in .unreadable(EACCES) }
        }
        #expect(error?.code == EACCES)
        #expect(error?.advice.description.contains("usermod -aG gpio") == true)
    }

    @Test("Finds the chip beside one it may not open") func findsTheChipBesideOneItMayNotOpen() throws {
        let dev = raspberryPi5()
        let path = try gpioDevice(labelled: "pinctrl-rp1", in: dev.path) {
            $0.hasSuffix("gpiochip10") ? .unreadable(EACCES) : identify($0)
        }
        #expect(path == "\(dev.path)/gpiochip0")
    }

    @Test("Does not choose between two of a label") func doesNotChooseBetweenTwoOfALabel() {
        let dev = raspberryPi5()
        _ = dev.write("gpiochip1", "pinctrl-rp1")
        let error = thrown(EdgeSourceError.self) {
            try gpioDevice(labelled: "pinctrl-rp1", in: dev.path, identify: identify)
        }
        #expect(error?.code == ENOTUNIQ)
    }

    @Test("Says that there is no GPIO", arguments: ["", "/nothing-here"])
    func saysThatThereIsNoGPIO(folder: String) {
        let dev = ScratchFolder()
        let error = thrown(EdgeSourceError.self) {
            try gpioDevice(labelled: "pinctrl-rp1", in: dev.path + folder, identify: identify)
        }
        #expect(error?.code == ENOENT)
        #expect(error?.advice.description.contains("there is no \(dev.path + folder)/gpiochip*") == true)
    }

    /// The real opener on something that is no GPIO chip.
    @Test("Refuses a device that is no chip") func refusesADeviceThatIsNoChip() throws {
        let dev = ScratchFolder()
        dev.link("gpiochip0", to: "/dev/null")
        guard case .unreadable(let code) = GPIOChip.identify("\(dev.path)/gpiochip0") else {
            Issue.record("/dev/null has no label")
            return
        }
        #expect(code != 0)
    }

    @Test("Names the holder of a busy line") func namesTheHolderOfABusyLine() {
        let text = busyAdvice([(offset: 17, holder: "lirc"), (offset: 27, holder: nil), (offset: 4, holder: "")]).description
        #expect(text.contains("line 17 is in use by \"lirc\""))
        #expect(text.contains("line 4 is in use by the kernel"))
        #expect(!text.contains("27"))
    }
}
