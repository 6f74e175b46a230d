import NodeConfiguration
import SensorCore
import Testing

/// What a sensor may say beyond part, bus and address.
@Suite struct SensorConfigurations {
    static func context() throws -> ConfigurationContext {
        var context = try NodeConfigurationTests.context()
        let co2 = QuantitySpecification(.co2, in: 1...40_000, accuracy: "", source: "")
        let dust = QuantitySpecification(.pm10, in: 0...1000, accuracy: "", source: "")
        let supply = QuantitySpecification(.voltage, in: 0...32, accuracy: "", source: "")
        context.parts += [
            PartDescription(
                name: "scd41", addresses: [try address(0x62)], specifications: [co2],
                options: [PartOption("self-calibration", .flag, usual: .flag(false), meaning: "")],
                timing: PartTiming(shortestPeriod: .seconds(10))),
            PartDescription(
                name: "sps30", addresses: [try address(0x69)], specifications: [dust],
                options: [PartOption("cleaning", .time(.seconds(0)...(.seconds(31_536_000))), usual: .time(.seconds(604_800)), meaning: "")]
            ),
            PartDescription(
                name: "ina219", addresses: [try address(0x40)], specifications: [supply],
                options: [PartOption("shunt", .resistance(0.000_1...100), usual: .resistance(0.1), meaning: "")]),
            PartDescription(
                name: "every-form", addresses: [try address(0x10)], specifications: [supply],
                options: [
                    PartOption("gain", .number(0.5...16, unit: ""), usual: .number(1), meaning: ""),
                    PartOption("height", .number(-10...10, unit: "m"), usual: .number(2), meaning: ""),
                    PartOption("mode", .choice(["fast", "quiet"]), usual: .choice("quiet"), meaning: ""),
                ]),
        ]
        return context
    }

    static func sensors(_ lines: String...) throws -> [SensorConfiguration] {
        let text = smallest + "site: {height: 118m}\nsensors:\n" + lines.map { "  - \($0)\n" }.joined()
        return try NodeConfiguration.parse(text, file: "node.yaml", context: context()).sensors
    }

    static func fault(_ lines: String..., height: Bool = true) throws -> String {
        let text = smallest + (height ? "site: {height: 118m}\n" : "") + "sensors:\n" + lines.map { "  - \($0)\n" }.joined()
        let context = try context()
        do throws(ConfigurationFaults) {
            _ = try NodeConfiguration.parse(text, file: "node.yaml", context: context)
            return "none"
        } catch {
            return error.faults.map(\.message).joined(separator: " | ")
        }
    }

    @Test("Parts behind a multiplexer may share an address") func partsBehindAMultiplexerMayShareAnAddress() throws {
        let sensors = try Self.sensors(
            "{name: a, part: sht40, bus: i2c-1, multiplexer: {address: 0x70, channel: 0}}",
            "{name: b, part: sht40, bus: i2c-1, multiplexer: {address: 0x70, channel: 7}}",
            "{name: c, part: sht40, bus: i2c-1, multiplexer: {address: 113, channel: 0}}")
        #expect(sensors.map(\.multiplexer?.address.rawValue) == [0x70, 0x70, 0x71])
        #expect(sensors.map(\.multiplexer?.channel) == [0, 7, 0])
    }

    @Test("What would answer together is refused") func whatWouldAnswerTogetherIsRefused() throws {
        let behind = "{name: a, part: sht40, bus: i2c-1, multiplexer: {address: 0x70, channel: 0}}"
        #expect(
            try Self.fault(behind, behind.replacing("name: a", with: "name: b")).contains("0x44 on i2c-1 is already taken by sensor 'a'"))
        #expect(try Self.fault(behind, "{name: b, part: sht40, bus: i2c-1}").contains("0x44 on i2c-1 is already taken by sensor 'a'"))
        #expect(try Self.fault("{name: b, part: sht40, bus: i2c-1}", behind).contains("0x44 on i2c-1 is already taken by sensor 'b'"))
        let atSame = "{name: b, part: bme280, bus: i2c-1, address: 0x76}"
        let multiplexed = behind.replacing("0x70", with: "0x76")
        #expect(try Self.fault(atSame, multiplexed).contains("0x76 on i2c-1 is already taken by sensor 'b'"))
        #expect(try Self.fault(multiplexed, atSame).contains("already taken by the multiplexer of sensor 'a'"))
        #expect(try Self.fault(behind.replacing("0x70", with: "0x44")).contains("a tca9548a never has the address 0x44"))
        #expect(try Self.fault(behind.replacing("channel: 0", with: "channel: 8")).contains("channel"))
        #expect(try Self.fault(behind.replacing(", channel: 0", with: "")).contains("lacks 'channel'"))
    }

    @Test("Options belong to their part") func optionsBelongToTheirPart() throws {
        let sensors = try Self.sensors(
            "{name: a, part: scd41, bus: i2c-1, self-calibration: true}", "{name: b, part: sps30, bus: i2c-1, cleaning: 24h}",
            "{name: c, part: ina219, bus: i2c-1, shunt: 2mOhm}")
        #expect(
            sensors.map(\.options) == [
                ["self-calibration": .flag(true)], ["cleaning": .time(.seconds(86_400))], ["shunt": .resistance(0.002)],
            ])
        let usual = try Self.sensors("{name: b, part: sps30, bus: i2c-1}", "{name: c, part: ina219, bus: i2c-1}")
        #expect(usual.map(\.options) == [["cleaning": .time(.seconds(604_800))], ["shunt": .resistance(0.1)]])
        #expect(try Self.fault("{name: a, part: sht40, bus: i2c-1, shunt: 2mOhm}").contains("unknown key 'shunt'"))
        #expect(try Self.fault("{name: a, part: ina219, bus: i2c-1, shunt: 0.1}").contains("has no unit"))
        #expect(try Self.fault("{name: a, part: ina219, bus: i2c-1, shunt: 1000 Ohm}").contains("out of range"))
        #expect(try Self.fault("{name: a, part: scd41, bus: i2c-1, self-calibration: maybe}").contains("write true or false"))
    }

    @Test("Numbers and words are options too") func numbersAndWordsAreOptionsToo() throws {
        let sensors = try Self.sensors(
            "{name: a, part: every-form, bus: i2c-1, multiplexer: {address: 0x70, channel: 2}}",
            "{name: b, part: every-form, bus: i2c-1, multiplexer: {address: 0x70, channel: 0}, gain: 2.5, height: -3 m, mode: fast}",
            "{name: c, part: every-form, bus: i2c-1, multiplexer: {address: 0x70, channel: 1}, gain: 16, height: 4m}")
        #expect(
            sensors.map(\.options) == [
                ["gain": .number(1), "height": .number(2), "mode": .choice("quiet")],
                ["gain": .number(2.5), "height": .number(-3), "mode": .choice("fast")],
                ["gain": .number(16), "height": .number(4), "mode": .choice("quiet")],
            ])
        func fault(_ option: String) throws -> String { try Self.fault("{name: a, part: every-form, bus: i2c-1, \(option)}") }
        #expect(try fault("gain: 17").contains("gain: '17' is out of range; write 0.5 to 16.0"))
        #expect(try fault("gain: 2m").contains("'2m' is not a number"))
        #expect(try fault("gain: nan").contains("is not a number") && fault("gain: 1e1").contains("is not a number"))
        #expect(try fault("height: 3km").contains("'3km' is not a number of m; write -10.0 m to 10.0 m"))
        #expect(try fault("mode: fasst").contains("mode: there is no 'fasst'") && fault("mode: fasst").contains("fast"))
    }

    @Test("A part is read no more often than it measures") func aPartIsReadNoMoreOftenThanItMeasures() throws {
        #expect(try Self.sensors("{name: a, part: scd41, bus: i2c-1}")[0].period == .seconds(10))
        #expect(try Self.fault("{name: a, part: scd41, bus: i2c-1, period: 5s}").contains("write 10s to 1min"))
        #expect(
            try Self.fault("{name: a, part: scd41, bus: i2c-1}\ninterval: 5s").contains(
                "a scd41 is read every 10s at most, and the interval is 5s"))
    }

    @Test("Derived quantities need their inputs") func derivedQuantitiesNeedTheirInputs() throws {
        let sensor = try Self.sensors("{name: a, part: bme280, bus: i2c-1, derived: [dew_point, sea_level_pressure]}")[0]
        #expect(sensor.derived == [.dewPoint, .seaLevelPressure])
        #expect(try Self.fault("{name: a, part: bmp280, bus: i2c-1, derived: [dew_point]}").contains("a bmp280 does not measure humidity"))
        #expect(
            try Self.fault("{name: a, part: bme280, bus: i2c-1, derived: [sea_level_pressure]}", height: false)
                .contains("needs the height of the site"))
        #expect(try Self.fault("{name: a, part: bme280, bus: i2c-1, derived: [dewpoint]}").contains("did you mean 'dew_point'?"))
        #expect(try Self.fault("{name: a, part: bme280, bus: i2c-1, derived: [temperature]}").contains("nothing called 'temperature'"))
        #expect(try Self.fault("{name: a, part: bme280, bus: i2c-1, derived: [wet_bulb, wet_bulb]}").contains("twice"))
    }

    @Test("The air is known from the first that measures it") func theAirIsKnownFromTheFirstThatMeasuresIt() throws {
        let sensors = try Self.sensors(
            "{name: co2, part: scd41, bus: i2c-1, pressure-from: box}", "{name: dust, part: sps30, bus: i2c-1}",
            "{name: street, part: sht40, bus: i2c-1}", "{name: mast, part: bmp280, bus: i2c-1, address: 0x77}",
            "{name: box, part: bme280, bus: i2c-1}")
        #expect(sensors.map(\.pressureFrom) == ["box", "mast", "mast", "mast", "mast"])
        #expect(sensors.map(\.humidityFrom) == ["street", "street", "street", "street", "street"])
        #expect(try Self.sensors("{name: co2, part: scd41, bus: i2c-1}")[0].pressureFrom == nil)
        #expect(try Self.fault("{name: co2, part: scd41, bus: i2c-1, pressure-from: box}").contains("there is none that does"))
        #expect(
            try Self.fault("{name: co2, part: scd41, bus: i2c-1, pressure-from: bax}", "{name: box, part: bme280, bus: i2c-1}")
                .contains("did you mean 'box'?"))
    }
}
