import SensorCore

extension NodeConfiguration {
    /// Reads and validates a file and the board file it names. Touches no hardware.
    ///
    /// Throws `FileUnreadable` when the file itself cannot be read, else `ConfigurationFaults` with all that is wrong.
    public static func load(path: String, context: ConfigurationContext) throws -> NodeConfiguration {
        try parse(readFile(path), file: path, context: context)
    }

    /// As `load`, for a text. `file` names it in messages and is what relative paths are relative to.
    public static func parse(
        _ text: String, file: String, context: ConfigurationContext
    ) throws(ConfigurationFaults) -> NodeConfiguration {
        try parse(Array(text.utf8), file: file, context: context)
    }

    /// As `load`, for the bytes of a file.
    public static func parse(
        _ bytes: [UInt8], file: String, context: ConfigurationContext
    ) throws(ConfigurationFaults) -> NodeConfiguration {
        let faults = FaultCollector(file: file)
        guard let text = SourceText(bytes, faults: faults) else { throw ConfigurationFaults(faults: faults.faults) }
        let configuration = readYAML(text, faults: faults).flatMap { read($0, context: context, faults: faults) }
        guard let configuration, faults.isEmpty else {
            if let strange = text.strangeIndentation {
                // What else is told of this file follows from it.
                let cause = FaultCollector(file: file)
                cause.add(
                    at: strange.position,
                    "this line is indented with \(strange.name), which looks like a blank and is none; write spaces instead")
                throw ConfigurationFaults(faults: cause.faults)
            }
            if text.endsWithoutLineBreak { faults.noteOnLast("the file ends without a line break: was it cut off?") }
            throw ConfigurationFaults(faults: faults.faults)
        }
        return configuration
    }

    private static let keys = [
        "version", "node", "board", "interval", "sums", "site", "channels", "sensors", "journal", "mqtt", "destinations",
    ]

    private static func read(
        _ root: YAMLNode, context: ConfigurationContext, faults: FaultCollector
    ) -> NodeConfiguration? {
        guard
            let file = MappingReader(
                root, title: MappingReader.wholeFile, keys: keys, example: "'node: main-street-2' and so on", faults: faults)
        else { return nil }
        _ = file.optional("version", as: .integer(in: 1...1, example: "1"))
        let node = file.required("node", as: .name, example: "node: main-street-2")
        let board = file.requiredNode("board", example: "board: raspberry-pi-4").flatMap {
            BoardDescription.find($0, in: file, folders: context.boardFolders)
        }
        let interval = file.optional("interval", as: .interval, default: .seconds(60))
        let sums = readSums(file, interval: interval)
        let site = file.node("site").flatMap { SiteConfiguration.read($0, faults: faults) }
        var sensorReading = SensorReading(
            parts: context.parts, board: board, interval: interval, hasHeight: site?.heightMetres != nil, faults: faults)
        let sensors = sensorReading.read(file)
        var channelReading = ChannelReading(
            edges: context.edges, board: board, busUsers: sensorReading.busUsers, faults: faults)
        let channels = channelReading.read(file)
        let journal = file.requiredNode("journal", example: "'journal: {path: journal.sqlite}'").flatMap {
            JournalConfiguration.read($0, faults: faults)
        }
        let destinations = DestinationKeys(
            node: node, interval: interval, sums: sums, channels: channels.map(\.name), sensors: sensors.map(\.name),
            formats: context.formats, faults: faults
        ).read(file)
        guard let node, let board, let interval, let journal, let destinations else { return nil }
        return NodeConfiguration(
            node: node, board: board, interval: interval, sums: sums, site: site, channels: channels, sensors: sensors,
            journal: journal, destinations: destinations, assumed: faults.assumed, doubts: faults.doubts)
    }
}

extension NodeConfiguration {
    /// The longer intervals that traffic is summed to.
    private static func readSums(_ file: MappingReader, interval: TimeSpan?) -> [TimeSpan] {
        var sums: [TimeSpan] = []
        for node in file.list("sums", example: "'sums: [15min]'") {
            guard let length = file.value(of: node, key: "sums", as: .interval) else { continue }
            if let interval, length <= interval || length.nanoseconds % interval.nanoseconds != 0 {
                file.faults.add(
                    at: node.position,
                    """
                    sums: \(MeasuredForm.time.text(length.nanoseconds)) is no multiple of the interval of \
                    \(MeasuredForm.time.text(interval.nanoseconds)); write for example 15min
                    """)
            } else if sums.contains(length) {
                file.faults.add(at: node.position, "sums: \(MeasuredForm.time.text(length.nanoseconds)) stands there twice; remove one")
            } else {
                sums.append(length)
            }
        }
        return sums
    }
}

extension ScalarForm where Value == TimeSpan {
    /// 1 s to 1 h and a divisor of one hour, so that every hour begins with an interval.
    static var interval: Self {
        Self { text throws(ScalarFault) in
            let hour = TimeSpan.seconds(3600)
            let length = try ScalarForm.time(in: .seconds(1)...hour).read(text)
            guard hour.nanoseconds % length.nanoseconds == 0 else {
                // Only those that are whole minutes or divide one: 6min rather than 400s.
                let usual = (1...3600).filter { 3600 % $0 == 0 && ($0 % 60 == 0 || 60 % $0 == 0) }
                let near = usual.map { TimeSpan.seconds(Int64($0)) }.min {
                    ($0 - length).nanoseconds.magnitude < ($1 - length).nanoseconds.magnitude
                }
                guard let near else { throw ScalarFault("\(quoted(text)) does not divide one hour") }
                throw ScalarFault(
                    "\(quoted(text)) does not divide one hour; write for example \(MeasuredForm.time.text(near.nanoseconds))")
            }
            return length
        }
    }
}

extension SiteConfiguration {
    static func read(_ node: YAMLNode, faults: FaultCollector) -> SiteConfiguration? {
        guard
            let site = MappingReader(
                node, title: "site", keys: ["name", "latitude", "longitude", "height"],
                example: "{name: Main Street 2, latitude: 53.55, longitude: 10.01}", faults: faults)
        else { return nil }
        let name = site.optional("name", as: .text)
        let latitude = site.optional(
            "latitude", as: .number(in: -90...90, meaning: "degrees from -90 to 90, north positive", example: "53.5503"))
        let longitude = site.optional(
            "longitude", as: .number(in: -180...180, meaning: "degrees from -180 to 180, east positive", example: "10.0006"))
        if site.has("latitude") != site.has("longitude") {
            site.demand("latitude", example: "latitude: 53.5503")
            site.demand("longitude", example: "longitude: 10.0006")
        }
        let height = site.optional("height", as: .height)
        var position: GeographicPosition?
        if let latitude, let longitude { position = GeographicPosition(latitude: latitude, longitude: longitude) }
        return SiteConfiguration(name: name, position: position, heightMetres: height)
    }
}

extension JournalConfiguration {
    static func read(_ node: YAMLNode, faults: FaultCollector) -> JournalConfiguration? {
        guard
            let journal = MappingReader(
                node, title: "journal", keys: ["path", "budget", "commit-interval"], example: "{path: journal.sqlite, budget: 512MB}",
                faults: faults)
        else { return nil }
        let place = journal.required("path", as: .text, example: "path: /var/lib/reallabor-node/journal.sqlite")
        let budget = journal.optional("budget", as: .size(in: 1_000_000...1_000_000_000_000), default: 512_000_000, shown: "512MB")
        let commitInterval = journal.optional(
            "commit-interval", as: .time(in: JournalConfiguration.shortestCommitInterval...TimeSpan.seconds(3600)),
            default: JournalConfiguration.shortestCommitInterval)
        guard let place, let budget, let commitInterval else { return nil }
        return JournalConfiguration(
            path: resolve(place, besideFile: faults.file), budgetBytes: budget, commitInterval: commitInterval)
    }
}
