import Glibc
import TestSupport
import Testing

/// The built program, as a person or a unit file calls it.
@Suite(.startsProcesses) struct CommandTests {
    @Test(
        "Help holds an example that is a command",
        arguments: [
            [], ["run"], ["check"], ["simulate"], ["sensor"], ["sensor", "replay"], ["sensor", "scan"], ["sensor", "list"], ["pulses"],
            ["pulses", "replay"],
            ["pulses", "record"], ["pulses", "histogram"], ["pulses", "suggest"],
            ["calibrate"], ["calibrate", "history"], ["calibrate", "revert"],
            ["journal"], ["journal", "stats"], ["journal", "tail"], ["journal", "export"], ["journal", "verify"], ["journal", "compact"],
            ["audit"],
        ])
    func helpHoldsAnExampleThatIsACommand(_ command: [String]) throws {
        let help = try ProgramRun(programPath(), command + ["--help"])
        #expect(help.exitCode() == 0)
        let lines = help.output.split(separator: "\n")
        let heading = try #require(lines.firstIndex { $0.contains("Example") }, "\(help.output)")
        let example = lines[lines.index(after: heading)].split(separator: " ")
        #expect(example.first == "reallabor-node")
        #expect(example.dropFirst().starts(with: command.map { Substring($0) }))
    }

    @Test(
        "A wrong command line is 64",
        arguments: [["fly"], ["run"], ["check"], ["simulate"], ["sensor", "replay"], ["simulate", "x", "--for", "0"]])
    func aWrongCommandLineIs64(_ arguments: [String]) throws {
        let run = try ProgramRun(programPath(), arguments)
        #expect(run.exitCode() == 64)
        #expect(run.errors.contains("Usage:"))
    }

    @Test("A bus is scanned with lines to paste") func aBusIsScannedWithLinesToPaste() throws {
        let run = try node("sensors", "scan", "--simulated", "--bus", "/dev/i2c-1")
        #expect(run.exitCode() == 0, "\(run.errors)")
        for part in [
            "0x76: bme280, certain: chip id 0x60", "- {name: bme280-76, part: bme280, bus: i2c-1, address: 0x76}",
            "0x44: sht40, likely", "0x70: tca9548a, possible", "--multiplexer 0x70",
        ] {
            #expect(run.output.contains(part), "\(part) in:\n\(run.output)")
        }
        let behind = try node("sensors", "scan", "--simulated", "--multiplexer", "0x70")
        #expect(behind.exitCode() == 0, "\(behind.errors)")
        #expect(
            behind.output.contains("- {name: scd41-62, part: scd41, bus: i2c-1, address: 0x62, multiplexer: {address: 0x70, channel: 2}}"))
        #expect(!behind.output.contains("bme280"), "\(behind.output)")
        let missing = try node("sensor", "scan", "--bus", "/nowhere/i2c-9")
        #expect(missing.exitCode() == 69 && missing.errors.contains("dtparam=i2c_arm=on"), "\(missing.errors)")
    }

    @Test("Every part is listed") func everyPartIsListed() throws {
        let run = try node("sensors", "list", "--format", "json")
        #expect(run.exitCode() == 0, "\(run.errors)")
        for part in ["sht35", "scd41", "sps30", "ina219", "ds3231", "bme680"] {
            #expect(run.output.contains("{\"part\":\"\(part)\""), "\(run.output)")
        }
        #expect(run.output.contains("\"source\":\"BST-BME280-DS002 §1.2, table 2\""))
    }

    // MARK: check

    @Test("A good configuration is read back") func aGoodConfigurationIsReadBack() throws {
        let folder = ScratchFolder()
        let run = try node("check", "--config", folder.write("node.yaml", configurationText(port: 1883)))
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(run.errors == "")
        for part in [
            "good", "test-node", "every 60.0 s", "channel gate: contact on J8-11 (line 17 of pinctrl-bcm2711)",
            "filter stable rise 8 ms, fall 12 ms", "sensor street-air: sht40 at 0x44 on /dev/i2c-1, every 10.0 s",
            folder.file("journal.sqlite"), "64 MB", "127.0.0.1:1883 under reallabor/test", "libgpiod",
        ] {
            #expect(run.output.contains(part), "\(part) in:\n\(run.output)")
        }
    }

    @Test("What a person should know of a destination is said beside it")
    func whatAPersonShouldKnowOfADestinationIsSaidBesideIt() throws {
        let folder = ScratchFolder()
        folder.write("password", "secret\n")
        func output(_ keys: String) throws -> String {
            let run = try node("check", "--config", folder.write("node.yaml", configurationText(port: 1883, mqtt: keys)))
            #expect(run.exitCode() == 0, "\(run.errors)")
            return run.output
        }
        let plain = try output("username: u\n  password-file: password\n  fallbacks: [{host: broker.example}]")
        #expect(plain.contains("warning: the password goes to broker.example without TLS"), "\(plain)")
        let local = try output("username: u\n  password-file: password")
        #expect(!local.contains("warning"), "\(local)")
        #expect(try output("protocol: 3.1.1").contains("can't say that it threw a record away"))
        let confirmed = try output("protocol: 3.1.1\n  confirm: receiver")
        #expect(!confirmed.contains("threw a record away") && confirmed.contains("topic read reallabor/test/receipt"), "\(confirmed)")
    }

    /// What the machine that will run it may have: a warning, and no fault.
    @Test("What is not there is a warning") func whatIsNotThereIsAWarning() throws {
        let folder = ScratchFolder()
        let keys =
            "username: u\n  password-file: none.txt\n  ca-file: none.pem\n  certificate-file: cert.pem\n  key-file: key.pem"
        let text = configurationText(mqtt: keys).replacing("journal.sqlite", with: "nowhere/journal.sqlite")
        let run = try node("check", folder.write("node.yaml", text))
        #expect(run.exitCode() == 0, "\(run.errors)")
        for part in [
            "warning: mqtt.password-file: cannot read", "warning: mqtt.ca-file: cannot read", "warning: mqtt.certificate-file: cannot read",
            "warning: mqtt.key-file: cannot read", "nowhere is not there, and the node does not make it",
        ] {
            #expect(run.output.contains(part), "\(part) in:\n\(run.output)")
        }
        let bare = folder.write(
            "bare.yaml", "node: a\nboard: raspberry-pi-4\njournal: {path: j.sqlite}\nmqtt: {host: 127.0.0.1}\n")
        let empty = try node("check", "--config", bare)
        #expect(empty.exitCode() == 0)
        #expect(empty.output.contains("warning: there is no channel and no sensor"), "\(empty.output)")
    }

    @Test("What is meant is asked for") func whatIsMeantIsAskedFor() throws {
        for (arguments, words) in [
            (["check", "--konfig", "x"], "Unknown option '--konfig'"), (["check"], "which file? Write --config node.yaml"),
            (["runn"], "there is no command 'runn'; did you mean 'run'?"), (["journal", "tial"], "did you mean 'tail'?"),
            (["pulses", "reply"], "did you mean 'replay'?"),
        ] {
            let run = try ProgramRun(programPath(), arguments)
            #expect(run.exitCode() == 64, "\(arguments)")
            #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
        }
    }

    @Test("A filter that cannot pass a storm is refused by check alone") func aFilterThatCannotPassAStormIsRefused() throws {
        let folder = ScratchFolder()
        let text = """
            node: a
            board: raspberry-pi-4
            channels:
              - {name: wind, detector: contact, input: J8-11, measures: {wind: 2.4km/h}, debounce: {kind: stable, time: 8ms}}
            journal: {path: j.sqlite}
            mqtt: {host: 127.0.0.1}

            """
        let file = folder.write("wind.yaml", text)
        let check = try node("check", "--config", file)
        #expect(check.exitCode() == 78)
        #expect(check.errors.contains("wind.yaml:4:88: the filter of channel 'wind' needs 16ms"), "\(check.errors)")
        let replay = try node("pulses", "replay", "--config", file, "--channel", "wind", folder.write("t.csv", "time_ns,line,level\n"))
        #expect(replay.exitCode() != 78, "\(replay.errors)")
    }

    @Test("The example is good") func theExampleIsGood() throws {
        let run = try node("check", "--config", repository + "Deploy/example.yaml")
        #expect(run.exitCode() == 0, "\(run.errors)")
    }

    @Test("Every fault is said with its place") func everyFaultIsSaidWithItsPlace() throws {
        let folder = ScratchFolder()
        let text = """
            node: a
            board: raspberry-pi-4
            intervall: 60s
            channels:
              - {name: gate, detector: contact, input: J8-1, debounce: {kind: stable, time: 8 parsec}}
              - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
            sensors:
              - {name: air, part: bme280, bus: i2c-1, address: 0x12}
            journal: {path: journal.sqlite}
            mqtt: {port: 1883}

            """
        let path = folder.write("node.yaml", text)
        for command in [["check"], ["run"], ["simulate", "school-gate"], ["pulses", "replay", "--channel", "x", "t.csv"]] {
            let run = try ProgramRun(programPath(), command + ["--config", path])
            #expect(run.exitCode() == 78, "\(command)")
            #expect(run.output == "")
            let lines = run.errors.split(separator: "\n")
            for place in ["3:1", "5:44", "5:81", "6:12", "8:52", "10:7"] {
                #expect(
                    lines.filter { $0.hasPrefix("\(path):\(place):") }.count == 1, "\(command) \(place) in:\n\(run.errors)")
            }
            #expect(run.errors.contains("interval"))
        }
    }

    @Test("A missing file is 66") func aMissingFileIs66() throws {
        let folder = ScratchFolder()
        let good = folder.write("node.yaml", configurationText())
        let missing = folder.file("missing")
        for arguments in [
            ["check", "--config", missing], ["run", "--config", missing], ["simulate", missing],
            ["simulate", "school-gate", "--config", missing], ["sensor", "replay", "--part", "bme280", missing],
            ["pulses", "replay", "--config", missing, "--channel", "gate", "t.csv"],
            ["pulses", "replay", "--config", good, "--channel", "gate", missing + ".csv"],
            ["pulses", "replay", "--config", good, "--channel", "gate", missing + ".vcd"],
            ["sensor", "replay", "--part", "bme280", folder.path],
        ] {
            let run = try ProgramRun(programPath(), arguments)
            #expect(run.exitCode() == 66, "\(arguments): \(run.errors)")
            #expect(run.errors.contains(folder.path), "\(arguments): \(run.errors)")
        }
        let scenarios = try node("simulate", missing)
        #expect(scenarios.exitCode() == 66)
        #expect(scenarios.errors.contains("school-gate, quiet-night"))
    }

    @Test("An unreadable password is 66") func anUnreadablePasswordIs66() throws {
        let folder = ScratchFolder()
        let text = configurationText(mqtt: "username: me\n  password-file: password")
        let run = try node("simulate", "school-gate", "--speed", "max", "--config", folder.write("node.yaml", text))
        #expect(run.exitCode() == 66, "\(run.errors)")
        #expect(run.errors.contains("password-file") && run.errors.contains(folder.file("password")), "\(run.errors)")
    }

    // MARK: run

    /// A board of which this machine has neither the chip nor the bus.
    @Test("Without hardware it says what is missing") func withoutHardwareItSaysWhatIsMissing() throws {
        let folder = ScratchFolder()
        folder.write(
            "nowhere.yaml",
            """
            model: nowhere
            gpio-chip: no-such-chip
            pins: {A-1: 1}
            buses:
              i2c-1: {device: /dev/i2c-no-such-bus}

            """)
        let configuration = """
            node: a
            board: ./nowhere.yaml
            channels:
              - {name: gate, detector: contact, input: A-1, debounce: {kind: stable, time: 8ms}}
            sensors:
              - {name: air, part: bme280, bus: i2c-1, address: 0x76}
            journal: {path: journal.sqlite}
            mqtt: {host: 127.0.0.1}

            """
        let run = try node("run", "--config", folder.write("node.yaml", configuration))
        #expect(run.exitCode() == 69, "\(run.errors)")
        #expect(run.errors.contains("no-such-chip"), "\(run.errors)")
        #expect(run.errors.contains("/dev/i2c-no-such-bus"))
        #expect(run.errors.contains("nothing to count or measure"))
        #expect(!folder.names.contains("journal.sqlite"))
    }
}
