import NodeConfiguration
import SensorCore
import Testing

private let debounce = "debounce: {kind: stable, time: 8ms}"

@Suite struct StructureFaults {
    static let keys: [FaultCase] = [
        FaultCase("unknown key near one", smallest + "▶intervall: 60s\n", "unknown key 'intervall'", "did you mean 'interval'?"),
        FaultCase("swapped letters", replacing("mqtt", by: "mqtt: {host: h, ▶prot: 1}"), "did you mean 'port'?"),
        FaultCase("underscore", replacing("mqtt", by: "mqtt: {host: h, ▶client_id: x}"), "'client-id'"),
        FaultCase("beginning only", replacing("mqtt", by: "mqtt: {host: h, ▶password: x}"), "'password-file'"),
        FaultCase(
            "key near none", smallest + "▶colour: red\n", "unknown key 'colour' in the file",
            "version, node, board, interval, sums, site, channels, sensors, journal, mqtt"),
        FaultCase(
            "key that only other kinds have",
            channel("{name: n, detector: contact, input: J8-11, debounce: {kind: none, ▶time: 8ms}}"),
            "unknown key 'time' in debounce of kind none"),
        FaultCase(
            "a glitch filter that leaves nothing to debounce",
            channel("{name: n, detector: contact, input: J8-11, debounce: {kind: stable, rise: 8ms, fall: 2ms, glitch: ▶2ms}}"),
            "a glitch filter of 2ms before a debouncer of 2ms leaves that nothing to do"),
        FaultCase(
            "a glitch filter behind the kernel's",
            channel("{name: n, detector: contact, input: J8-11, debounce: {kind: kernel, time: 5ms, ▶glitch: 1ms}}"),
            "unknown key 'glitch' in debounce of kind kernel"),
        FaultCase(
            "a lockout without its time",
            channel("{name: n, detector: contact, input: J8-11, debounce: ▶{kind: lockout}}"), "lacks 'time'", "time: 20ms"),
        FaultCase("duplicate key", smallest + "▶node: b\n", "'node' is written twice", "first at line 1, column 1"),
        FaultCase(
            "duplicate key inside", replacing("mqtt", by: "mqtt:\n  host: a\n  ▶host: b"), "first at line 5, column 3"),
        FaultCase(
            "missing at the top", "▶board: raspberry-pi-4\njournal: {path: j}\nmqtt: {host: h}\n", "lacks 'node'",
            "node: main-street-2"),
        FaultCase("missing section", "▶node: a\nboard: raspberry-pi-4\njournal: {path: j}\n", "lacks 'mqtt'", "{host:"),
        FaultCase("missing inside", replacing("mqtt", by: "mqtt:\n  ▶port: 1"), "mqtt lacks 'host'", "host: broker"),
        FaultCase("missing path", replacing("journal", by: "journal: ▶{budget: 1GB}"), "journal lacks 'path'"),
        FaultCase(
            "missing pin", channel("{name: n, detector: contact, input: ▶{bias: none}, \(debounce)}"),
            "'input' of channel 'n' lacks 'pin'", "J8-11"),
        FaultCase("missing input", channel("▶{name: n, detector: contact, \(debounce)}"), "channel 'n' lacks 'input'", "J8-11"),
        FaultCase(
            "missing second beam", channel("▶{name: n, detector: beam_pair, first: J8-11, spacing: 1m, \(debounce)}"),
            "lacks 'second'"),
        FaultCase(
            "missing carrier", channel("▶{name: n, detector: doppler, input: J8-11, lanes: 4m, azimuth: 30deg}"),
            "lacks 'carrier'", "24.125GHz"),
        FaultCase(
            "missing convention",
            channel("▶{name: n, detector: doppler_iq, first: J8-11, second: J8-13, carrier: 24.125GHz, lanes: 4m, azimuth: 30deg}"),
            "lacks 'approach-leads'", "approach-leads: first"),
        FaultCase(
            "missing spacing", channel("▶{name: n, detector: axle_pair, first: J8-11, second: J8-13, \(debounce)}"),
            "lacks 'spacing'", "spacing: 1m"),
        FaultCase("missing hold", channel("▶{name: n, detector: presence, input: J8-11, \(debounce)}"), "lacks 'hold'", "3s"),
        FaultCase(
            "one pin for both beams",
            channel("{name: n, detector: beam_pair, first: J8-11, second: ▶GPIO17, spacing: 1m, \(debounce)}"), "already the input"),
        FaultCase(
            "spacing of a contact", channel("{name: n, detector: contact, input: J8-11, ▶spacing: 1m, \(debounce)}"),
            "unknown key 'spacing'"),
        FaultCase(
            "limits of beams",
            channel("{name: n, detector: beam_pair, first: J8-11, second: J8-13, spacing: 1m, ▶limits: {}, \(debounce)}"),
            "unknown key 'limits'"),
        FaultCase(
            "missing debounce", channel("▶{name: n, detector: contact, input: J8-11}"),
            "channel 'n' lacks 'debounce'", "debounce: {kind: stable, time: 8ms}"),
        FaultCase("missing name", channel("▶{detector: contact, input: J8-11, \(debounce)}"), "this channel lacks 'name'"),
        FaultCase(
            "missing fall",
            channel("{name: n, detector: contact, input: J8-11, debounce: ▶{kind: stable, rise: 8ms}}"), "lacks 'fall'"),
        FaultCase("missing detector", channel("▶{name: n, input: J8-11, \(debounce)}"), "lacks 'detector'", "contact"),
        FaultCase(
            "missing sensor keys", sensor("▶▶▶{period: 10s}"),
            [["lacks 'name'"], ["lacks 'part'", "bme280"], ["lacks 'bus'", "i2c-1"]]),
        FaultCase("empty value", smallest + "interval:▶\n", "'interval'", "no value"),
        FaultCase("empty required value", "node: a\nboard: lab\njournal: {path: j}\nmqtt:▶\n", "'mqtt'", "no value", "host"),
        FaultCase("null", replacing("node", by: "node: ▶~"), "'node'", "no value"),
    ]

    static let types: [FaultCase] = [
        FaultCase(
            "list for a mapping", replacing("mqtt", by: "mqtt: ▶[a, b]"), "mqtt must be a mapping", "not a list",
            "{host:"),
        FaultCase(
            "value for a mapping", replacing("journal", by: "journal: ▶j.sqlite"), "journal must be a mapping",
            "not a single value", "path"),
        FaultCase("mapping for a list", smallest + "channels:\n  ▶north: {}\n", "channels must be a list", "not a mapping"),
        FaultCase("value for an item", smallest + "sensors:\n  - ▶bme280\n", "must be a mapping", "part: bme280"),
        FaultCase("mapping for a value", replacing("node", by: "node: ▶{id: a}"), "node must be a single value", "a mapping"),
        FaultCase("list for a value", smallest + "interval: ▶[60s]\n", "interval must be a single value", "a list"),
        FaultCase(
            "time for a debounce", channel("{name: n, detector: contact, input: J8-11, debounce: ▶8ms}"),
            "must be a mapping", "{kind: stable, time: 8ms}"),
        FaultCase(
            "list for pins", channel("{name: n, detector: contact, input: ▶[J8-11], \(debounce)}"),
            "must be a mapping", "J8-11"),
        FaultCase("the file is a list", "▶- a\n- b\n", "the file must be a mapping"),
        FaultCase("the file is a word", "▶hello\n", "the file must be a mapping"),
    ]

    static let meanings: [FaultCase] = [
        FaultCase(
            "same pin twice",
            smallest + """
                channels:
                  - {name: n, detector: contact, input: J8-11, \(debounce)}
                  - {name: m, detector: contact, input: {pin: ▶GPIO17}, \(debounce)}

                """, "J8-11 (GPIO17) at line 7, column 47", "channel 'n' at line 6, column 41"),
        FaultCase(
            "same name twice",
            smallest + """
                channels:
                  - {name: n, detector: contact, input: J8-11, \(debounce)}
                  - {name: ▶n, detector: contact, input: J8-13, \(debounce)}

                """, "already a channel 'n' at line 6, column 12"),
        FaultCase(
            "same sensor twice",
            smallest + """
                sensors:
                  - {name: n, part: sht40, bus: i2c-1}
                  - {name: ▶n, part: sht41, bus: i2c-1}

                """, "already a sensor 'n' at line 6, column 12"),
        FaultCase(
            "same address twice",
            smallest + """
                sensors:
                  - {name: n, part: bme280, bus: i2c-1}
                  - {name: m, part: bmp280, bus: i2c-1, address: ▶118}

                """, "0x76 on i2c-1", "sensor 'n' at line 6, column 5"),
        FaultCase(
            "same quantity twice",
            smallest + """
                sensors:
                  - name: n
                    part: sht40
                    bus: i2c-1
                    corrections:
                      - {quantity: humidity, offset: 1, reference: r, date: 2026-05-01}
                      - {quantity: ▶humidity, offset: 2, reference: r, date: 2026-05-01}

                """, "humidity is already corrected at line 10, column 20"),
        FaultCase(
            "ground", channel("{name: n, detector: contact, input: ▶J8-6, \(debounce)}"),
            "J8-6 of Raspberry Pi 4 Model B is ground, not an input", "J8-40"),
        FaultCase("supply", channel("{name: n, detector: contact, input: {pin: ▶J8-1}, \(debounce)}"), "3.3 V supply"),
        FaultCase(
            "no such pin", channel("{name: n, detector: contact, input: ▶J8-41, \(debounce)}"),
            "no pin 'J8-41'", "its inputs are J8-3 (GPIO2), J8-5 (GPIO3)"),
        FaultCase("another spelling", channel("{name: n, detector: contact, input: ▶gpio_17, \(debounce)}"), "'GPIO17'"),
        FaultCase(
            "pin of a bus in use",
            smallest + """
                sensors: [{name: air, part: sht40, bus: i2c-1}]
                channels:
                  - {name: n, detector: contact, input: ▶J8-5, \(debounce)}

                """, "J8-5 (GPIO3) belongs to bus i2c-1, which sensor 'air' uses"),
        FaultCase("bias", channel("{name: n, detector: contact, input: {pin: J8-11, bias: ▶pullup}, \(debounce)}"), "'pull-up'"),
        FaultCase("active", channel("{name: n, detector: contact, input: {pin: J8-11, active: ▶1}, \(debounce)}"), "low, high"),
        FaultCase("detector", channel("{name: n, detector: ▶contakt, input: J8-11, \(debounce)}"), "'contact'"),
        FaultCase(
            "unknown detector hides no other fault",
            channel("{name: n, detector: ▶x, input: ▶J8-6, debounce: {kind: ▶stabel, time: ▶8}}"),
            [["contact"], ["ground"], ["'stable'"], ["8ms"]]),
        FaultCase(
            "both times",
            channel("{name: n, detector: contact, input: J8-11, debounce: {kind: stable, time: ▶8ms, rise: 1ms, fall: 1ms}}"),
            "either 'time'"),
        FaultCase(
            "board", replacing("board", by: "board: ▶raspberry-pi4"), "no board 'raspberry-pi4'",
            "did you mean 'raspberry-pi-4'?", "lab, raspberry-pi-3", repository + "Boards"),
        FaultCase("board file", replacing("board", by: "board: ▶./mine.yaml"), "./mine.yaml", "No such file"),
    ]

    @Test("Is told with its place", arguments: keys + types + meanings) func isToldWithItsPlace(_ item: FaultCase) throws {
        item.check(faults(of: Array(item.text.utf8), in: try context()))
    }

    @Test("Kernel debounce needs a backend that can") func kernelDebounceNeedsABackendThatCan() throws {
        let item = FaultCase(
            "kernel", channel("{name: n, detector: contact, input: J8-11, debounce: {kind: ▶kernel, time: 5ms}}"),
            "libgpiod 1.6.3 (GPIO uAPI v1) cannot", "kind: stable")
        item.check(faults(of: Array(item.text.utf8), in: try context(kernelDebounce: false)))
        #expect(faults(of: Array(item.text.utf8), in: try context(kernelDebounce: true)).isEmpty)
    }

    @Test("All faults of a file at once in order") func allFaultsOfAFileAtOnceInOrder() throws {
        let item = FaultCase(
            "all at once",
            """
            ▶version: 1
            node: ▶Main Street
            board: raspberry-pi-4
            interval: ▶7min
            sensors:
              - name: air
                part: ▶bme28
                bus: i2c-1
                ▶adress: 0x76
              - {name: air2, part: sht40, bus: i2c-1, address: ▶0x80}
            channels:
              - name: north
                detector: contact
                input: {pin: ▶J8-9, bias: ▶up}
                debounce: {kind: stable, time: ▶8}
            mqtt:
              ▶▶hots: broker
              window: ▶2000

            """,
            [
                ["lacks 'journal'"], ["a-z"], ["6min"], ["bme280"], ["'address'"], ["0x77"], ["ground"], ["biases"], ["8ms"],
                ["'host'"], ["lacks 'host'"], ["1000"],
            ])
        item.check(faults(of: Array(item.text.utf8), in: try context()))
    }
}
