import NodeConfiguration
import PulsePipeline
import SensorCore
import Testing

@Suite struct AcceptedConfigurations {
    @Test("The smallest has all defaults") func theSmallestHasAllDefaults() throws {
        let node = try parse(smallest)
        #expect(node.node == "a")
        #expect(node.board.name == "raspberry-pi-4")
        #expect(node.interval == .seconds(60))
        #expect(node.site == nil)
        #expect(node.channels.isEmpty && node.sensors.isEmpty)
        #expect(node.journal.path == "j.sqlite")
        #expect(node.journal.budgetBytes == 512_000_000)
        #expect(node.journal.commitInterval == .milliseconds(700))
        #expect(node.mqtt.host == "broker")
        #expect(node.mqtt.port == 1883)
        #expect(node.mqtt.protocolVersion == .v5)
        #expect(node.mqtt.clientID == "reallabor-a")
        #expect(node.mqtt.topic == "reallabor/a")
        #expect(node.mqtt.keepalive == .seconds(30))
        #expect(node.mqtt.window == 20)
        #expect(node.mqtt.username == nil && node.mqtt.passwordFile == nil && node.mqtt.tls == nil)
        #expect(node.mqtt.fallbacks.isEmpty && node.mqtt.backfillRate == 500 && node.mqtt.receiptTopic == nil)
    }

    @Test("The example loads") func theExampleLoads() throws {
        let node = try NodeConfiguration.load(path: repository + "Deploy/example.yaml", context: context())
        #expect(node.node == "main-street-2")
        #expect(node.site?.name == "Main Street 2, north side")
        #expect(node.site?.position?.latitude == 53.5503)
        #expect(node.site?.position?.longitude == 10.0006)
        #expect(node.site?.heightMetres == 12)
        #expect(node.channels.map(\.name) == ["gate", "light-barrier"])
        #expect(node.channels[0].inputs.map(\.role) == ["input"])
        #expect(node.channels[0].inputs.map(\.pinName) == ["J8-11"])
        #expect(node.channels[0].inputs.map(\.lineOffset) == [17])
        #expect(node.channels[0].inputs.map(\.bias) == [.pullUp])
        #expect(node.channels[0].inputs.map(\.isActiveLow) == [true])
        #expect(node.channels[0].settings.filter == PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8))))
        #expect(node.channels[1].inputs.map(\.pinName) == ["J8-13"])
        #expect(node.channels[1].inputs.map(\.lineOffset) == [27])
        #expect(node.channels[1].inputs.map(\.bias) == [.asIs])
        #expect(node.channels[1].inputs.map(\.isActiveLow) == [false])
        #expect(node.channels[1].settings.filter == PulseFilter(.stable(rise: .milliseconds(2), fall: .milliseconds(400))))
        #expect(node.sensors.map(\.part.name) == ["bme280", "sht40"])
        #expect(node.sensors.map(\.address.rawValue) == [0x76, 0x44])
        #expect(node.sensors.map(\.bus.device) == ["/dev/i2c-1", "/dev/i2c-1"])
        #expect(node.sensors.map(\.period) == [.seconds(10), .seconds(10)])
        let correction = try #require(node.sensors[1].corrections.first)
        #expect(correction.quantity == .temperature)
        #expect(correction.offset == -0.3)
        #expect(correction.gain == 1)
        #expect(correction.reference == "Testo 625, serial 01234567")
        #expect(correction.date == "2026-05-01")
        #expect(node.journal.path == "/var/lib/reallabor-node/journal.sqlite")
        #expect(node.mqtt.port == 8883)
        #expect(node.mqtt.username == "main-street-2")
        #expect(node.mqtt.passwordFile == "/etc/reallabor-node/mqtt-password")
        #expect(node.mqtt.tls?.authorityFile == "/etc/ssl/certs/ca-certificates.crt")
        #expect(node.mqtt.tls?.client == nil)
    }

    static let intervals: [(String, TimeSpan)] = [
        ("1s", .seconds(1)), ("1.5s", .milliseconds(1500)), ("5 min", .seconds(300)), ("0.25h", .seconds(900)),
        ("60000ms", .seconds(60)), ("1h", .seconds(3600)), ("'30s'", .seconds(30)), ("3600000000us", .seconds(3600)),
    ]

    @Test("Times are exact", arguments: intervals) func timesAreExact(_ text: String, _ span: TimeSpan) throws {
        #expect(try parse(smallest + "interval: \(text)\n").interval == span)
    }

    @Test("Sums are of whole intervals") func sumsAreOfWholeIntervals() throws {
        #expect(try parse(smallest).sums == [])
        #expect(try parse(smallest + "sums: [5min, 15min, 1h]\n").sums == [.seconds(300), .seconds(900), .seconds(3600)])
        #expect(try parse(smallest + "interval: 5min\nsums: [15min]\n").sums == [.seconds(900)])
    }

    static let budgets: [(String, Int64)] = [
        ("1MB", 1_000_000), ("1000kB", 1_000_000), ("1 MiB", 1_048_576), ("1.5GB", 1_500_000_000), ("1GiB", 1 << 30),
        ("2000KiB", 2_048_000), ("1.5GiB", 1_610_612_736), ("1.25000MB", 1_250_000),
    ]

    @Test("Commits are as far apart as asked") func commitsAreAsFarApartAsAsked() throws {
        let text = replacing("journal", by: "journal: {path: j, commit-interval: 5min}")
        #expect(try parse(text).journal.commitInterval == .seconds(300))
    }

    @Test("Sizes are exact", arguments: budgets) func sizesAreExact(_ text: String, _ bytes: Int64) throws {
        #expect(try parse(replacing("journal", by: "journal: {path: j, budget: \(text)}")).journal.budgetBytes == bytes)
    }

    @Test("Heights are in metres", arguments: [("118m", 118.0), ("-3.5m", -3.5), ("0.4km", 400), ("25 cm", 0.25)])
    func heightsAreInMetres(_ text: String, _ metres: Double) throws {
        #expect(try parse(smallest + "site: {height: \(text)}\n").site?.heightMetres == metres)
    }

    static let debounces: [(String, PulseFilter)] = [
        ("{kind: none}", PulseFilter(.none)),
        ("{kind: none, glitch: 5us}", PulseFilter(.none, glitchTime: .microseconds(5))),
        ("{kind: kernel, time: 5ms}", PulseFilter(.kernel(period: .milliseconds(5)))),
        ("{kind: lockout, time: 20ms}", PulseFilter(.lockout(.milliseconds(20)))),
        (
            "{kind: stable, time: 250us, glitch: 249us}",
            PulseFilter(.stable(rise: .microseconds(250), fall: .microseconds(250)), glitchTime: .microseconds(249))
        ),
        (
            "{kind: stable, rise: 8ms, fall: 20ms}",
            PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(20)))
        ),
    ]

    @Test("Debounces of each kind", arguments: debounces) func debouncesOfEachKind(_ text: String, _ expected: PulseFilter) throws {
        let node = try parse(channel("{name: n, detector: contact, input: J8-11, debounce: \(text)}"))
        #expect(node.channels.map(\.settings.filter) == [expected])
    }

    static let detectors: [(String, ChannelSettings.Detector)] = [
        ("detector: contact, input: J8-11", .contact),
        ("detector: presence, input: J8-11, hold: 2.5s", .presence(hold: .milliseconds(2500), stallLimit: .seconds(600))),
        (
            "detector: presence, input: J8-11, hold: 1s, stall: 1h",
            .presence(hold: .seconds(1), stallLimit: .seconds(3600))
        ),
        (
            "detector: beam_pair, first: J8-11, second: J8-13, spacing: 45cm",
            .beamPair(BeamGeometry(spacing: 0.45, detectionLength: 0, stallLimit: 10))
        ),
        (
            "detector: beam_pair, first: J8-11, second: J8-13, spacing: 0.5m, detection-length: 12mm, stall: 30s",
            .beamPair(BeamGeometry(spacing: 0.5, detectionLength: 0.012, stallLimit: 30))
        ),
        (
            "detector: axle_pair, first: J8-11, second: J8-13, spacing: 1m",
            .axlePair(AxleGeometry(spacing: 1, limits: WheelbaseLimits(bike: 1.83, car: 3.08, van: 3.96)))
        ),
        (
            "detector: axle_pair, first: J8-11, second: J8-13, spacing: 1m, limits: {car: 3.2m, bike: 1.5m}",
            .axlePair(AxleGeometry(spacing: 1, limits: WheelbaseLimits(bike: 1.5, car: 3.2, van: 3.96)))
        ),
    ]

    @Test("Detectors of each kind", arguments: detectors) func detectorsOfEachKind(
        _ text: String, _ expected: ChannelSettings.Detector
    ) throws {
        let node = try parse(channel("{name: n, \(text), debounce: {kind: lockout, time: 2ms}}"))
        #expect(node.channels.map(\.settings.detector) == [expected])
        #expect(node.channels.map(\.settings.directions) == [DirectionNames(forward: "forward", backward: "backward")])
    }

    @Test(
        "What a contact measures",
        arguments: [
            ("measures: {rain: 0.2794mm}", CountMeaning.rain(perCount: 0.2794)),
            ("measures: {rain: 0.01in}", CountMeaning.rain(perCount: 0.254)),
            ("measures: {wind: 2.4km/h}", CountMeaning.wind(perCount: 2_400_000 / 3_600_000)),
            ("measures: {wind: 0.75 m/s}", CountMeaning.wind(perCount: 0.75)),
            ("measures: {wind: 2.25mph}", CountMeaning.wind(perCount: 3_621_024 / 3_600_000)),
        ])
    func whatAContactMeasures(_ text: String, _ expected: CountMeaning) throws {
        let node = try parse(channel("{name: n, detector: contact, input: J8-11, \(text), debounce: {kind: none}}"))
        #expect(node.channels.map(\.settings.meaning) == [expected])
        #expect(node.channels.map(\.settings.detector) == [.contact])
    }

    @Test("Radars of both kinds") func radarsOfBothKinds() throws {
        let one = try parse(channel("{name: n, detector: doppler, input: J8-11, carrier: 10.525GHz, lanes: 4m, azimuth: 30deg}"))
        #expect(one.channels.map(\.settings.detector) == [.doppler(RadarSetup(carrier: 10.525e9, lanes: [4], height: 0, azimuth: 30))])
        #expect(one.channels.map(\.settings.kind) == [.doppler])
        #expect(one.channels.map(\.settings.filter) == [PulseFilter(.none)])
        #expect(one.channels.map(\.settings.directions) == [DirectionNames(forward: "approaching", backward: "receding")])
        let place = "carrier: 24.125GHz, lanes: [3.5m, 7m], height: 2.4m, azimuth: 22.5deg"
        let both = try parse(
            channel(
                "{name: n, detector: doppler_iq, second: J8-13, first: J8-11, \(place), approach-leads: second, "
                    + "directions: {approaching: into town}, debounce: {kind: none}}"))
        #expect(
            both.channels.map(\.settings.detector) == [
                .doppler(RadarSetup(carrier: 24.125e9, lanes: [3.5, 7], height: 2.4, azimuth: 22.5, quadrature: .secondLeads))
            ])
        #expect(both.channels.map(\.settings.kind) == [.dopplerIQ])
        #expect(both.channels.map(\.settings.directions) == [DirectionNames(forward: "into town", backward: "receding")])
    }

    @Test(
        "Plausible rates",
        arguments: [
            ("", nil), ("max-rate: 5/s, ", 5), ("max-rate: 90/min, ", 1.5), ("max-rate: 1800/h, ", 0.5),
            ("measures: {rain: 0.2mm}, ", 40 / 60 / 0.2), ("measures: {rain: 1mm}, ", 40.0 / 60), ("measures: {wind: 1m/s}, ", 114),
            ("measures: {wind: 1m/s}, max-rate: 90/s, ", 90),
        ] as [(String, Double?)])
    func plausibleRates(_ keys: String, _ perSecond: Double?) throws {
        let node = try parse(channel("{name: n, detector: contact, input: J8-11, \(keys)debounce: {kind: none}}"))
        #expect(node.channels.map(\.settings.mostPerSecond) == [perSecond])
    }

    @Test("Which edges count", arguments: [("", false), ("edges: active, ", false), ("edges: both, ", true)])
    func whichEdgesCount(_ keys: String, _ both: Bool) throws {
        let node = try parse(
            channel("{name: n, detector: contact, input: J8-11, \(keys)measures: {rain: 0.2mm}, debounce: {kind: stable, time: 8ms}}"))
        #expect(node.channels.map(\.settings.countsBothEdges) == [both])
    }

    /// Each passes its range: 75 m/s, or what 'max-rate' says.
    @Test(
        "Filters of anemometers",
        arguments: [
            "measures: {wind: 2.4km/h}, debounce: {kind: stable, time: 1ms}",
            "measures: {wind: 2.4km/h}, debounce: {kind: stable, time: 4ms}",
            "measures: {wind: 2.4km/h}, debounce: {kind: lockout, time: 8ms}",
            "measures: {wind: 10m/s}, debounce: {kind: stable, time: 60ms}",
            "measures: {wind: 2.4km/h}, max-rate: 60/s, debounce: {kind: stable, time: 8ms}",
            "measures: {wind: 2.4km/h}, edges: both, debounce: {kind: stable, time: 8ms}",
            "measures: {wind: 0.01m/s}, debounce: {kind: none}",
        ])
    func filtersOfAnemometers(_ keys: String) throws {
        let node = try parse(channel("{name: n, detector: contact, input: J8-11, \(keys)}"))
        #expect(node.channels.count == 1 && node.doubts.isEmpty)
    }

    @Test("Both inputs of a pair in their order") func bothInputsOfAPairInTheirOrder() throws {
        let pair = "second: {pin: J8-13, active: low}, first: GPIO17, directions: {backward: to the river}"
        let node = try parse(
            channel("{name: n, detector: axle_pair, \(pair), spacing: 1m, debounce: {kind: none}}"))
        let one = try #require(node.channels.first)
        #expect(one.inputs.map(\.role) == ["first", "second"])
        #expect(one.inputs.map(\.lineOffset) == [17, 27])
        #expect(one.inputs.map(\.isActiveLow) == [false, true])
        #expect(one.settings.directions.name(of: .forward) == "forward")
        #expect(one.settings.directions.name(of: .backward) == "to the river")
    }

    @Test("Biases", arguments: [("pull-up", InputBias.pullUp), ("pull-down", .pullDown), ("none", .none), ("as-is", .asIs)])
    func biases(_ text: String, _ bias: InputBias) throws {
        let input = "{pin: J8-11, bias: \(text), active: high}"
        let node = try parse(channel("{name: n, detector: contact, input: \(input), debounce: {kind: none}}"))
        #expect(node.channels.first?.inputs.map(\.bias) == [bias])
        #expect(node.channels.first?.inputs.map(\.isActiveLow) == [false])
    }

    @Test("Every key of MQTT") func everyKeyOfMQTT() throws {
        let mqtt = try parse(
            replacing(
                "mqtt",
                by: """
                    mqtt:
                      host: 2001:db8::1
                      port: 8883
                      protocol: 3.1.1
                      client-id: me
                      topic: city/a
                      keepalive: 5s
                      window: 1000
                      username: u
                      password-file: /p
                      ca-file: /ca
                      certificate-file: /c
                      key-file: /k
                    """)
        ).mqtt
        #expect(mqtt.host == "2001:db8::1")
        #expect(mqtt.port == 8883)
        #expect(mqtt.protocolVersion == .v311)
        #expect(mqtt.clientID == "me")
        #expect(mqtt.topic == "city/a")
        #expect(mqtt.keepalive == .seconds(5))
        #expect(mqtt.window == 1000)
        #expect(mqtt.username == "u")
        #expect(mqtt.passwordFile == "/p")
        #expect(mqtt.tls?.authorityFile == "/ca")
        #expect(mqtt.tls?.client?.certificateFile == "/c")
        #expect(mqtt.tls?.client?.keyFile == "/k")
    }

    @Test("A short interval shortens the usual period") func aShortIntervalShortensTheUsualPeriod() throws {
        let text = sensor("{name: x, part: sht40, bus: i2c-1}") + "interval: 5s\n"
        #expect(try parse(text).sensors.map(\.period) == [.seconds(5)])
    }

    @Test("Pins of a bus that nobody uses are free") func pinsOfABusThatNobodyUsesAreFree() throws {
        let node = try parse(channel("{name: n, detector: contact, input: J8-3, debounce: {kind: none}}"))
        #expect(node.channels.first?.inputs.map(\.lineOffset) == [2])
    }

    @Test("Relative paths are relative to the file") func relativePathsAreRelativeToTheFile() throws {
        let text = replacing("mqtt", by: "mqtt: {host: h, username: u, password-file: secret/p, ca-file: /ca}")
        let node = try NodeConfiguration.parse(text, file: "/etc/reallabor/node.yaml", context: context())
        #expect(node.journal.path == "/etc/reallabor/j.sqlite")
        #expect(node.mqtt.passwordFile == "/etc/reallabor/secret/p")
        #expect(node.mqtt.tls?.authorityFile == "/ca")
        let board = replacing("board", by: "board: ../Boards/lab.yaml")
        let lab = try NodeConfiguration.parse(board, file: repository + "Deploy/x.yaml", context: context(boardFolders: []))
        #expect(lab.board.name == "lab")
    }

    @Test("Sending is read") func sendingIsRead() throws {
        let text = """
            mqtt:
              host: h
              port: 8883
              fallbacks: [{host: b}, {host: c, port: 1}]
              backfill-rate: unlimited
              confirm: receiver
              username: u
              password-file: credential:mqtt-password
              ca-file: credential:ca
            """
        let mqtt = try parse(replacing("mqtt", by: text)).mqtt
        #expect(mqtt.fallbacks.map(\.host) == ["b", "c"] && mqtt.fallbacks.map(\.port) == [8883, 1])
        #expect(mqtt.backfillRate == nil)
        #expect(mqtt.receiptTopic == "reallabor/a/receipt")
        #expect(mqtt.passwordFile == "credential:mqtt-password" && mqtt.tls?.authorityFile == "credential:ca")
        let named = try parse(replacing("mqtt", by: "mqtt: {host: h, backfill-rate: 40, confirm: receiver, receipt-topic: city/stored}"))
            .mqtt
        #expect(named.backfillRate == 40 && named.receiptTopic == "city/stored")
    }
}
