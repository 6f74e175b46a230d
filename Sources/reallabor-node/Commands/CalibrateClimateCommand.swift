import ArgumentParser
import Calibration
import ControlSocket
import LinuxHardware
import NodeRuntime
import SensorCore

struct CalibrateClimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "climate", abstract: "Compare a sensor of the running node with a reference and correct it.",
        discussion: """
            Waits until the sensor's raw readings stand still, takes the reference's value, shows the correction and asks before it is \
            stored. One point gives an offset; with --second-point a second one, well apart, gives the gain too. What is not given is \
            asked for. Ctrl-C stores nothing. Ends with 1 when the sensor does not stand still, 69 when no node answers.

            Example:
              reallabor-node calibrate climate --sensor street-air --quantity temperature \\
                --reference-device "Testo 625 no. 123" --by "M. Muster" --second-point
            """)

    @Option(help: "The sensor's name from the configuration.")
    var sensor: String

    @Option(help: "temperature, humidity or pressure.")
    var quantity: String

    @Option(help: ArgumentHelp("What the reference shows, in the quantity's unit.", valueName: "value"))
    var reference: Double?

    @Option(help: ArgumentHelp("What it shows at the second point.", valueName: "value"))
    var secondReference: Double?

    @Option(help: "The reference, so that it can be found again: \"Testo 625 no. 123\".")
    var referenceDevice: String

    @Option(help: "Who does it.")
    var by: String

    @Option(name: .customLong("where"), help: "Where: at the site, or in which laboratory.")
    var place: String?

    @Option(help: ArgumentHelp("The day from which it no longer holds, 2027-05-01.", valueName: "day"))
    var expires: String?

    @Option(help: ArgumentHelp("The moment in UTC, 2026-05-01T12:00:00Z, for a node that does not know the time.", valueName: "moment"))
    var when: String?

    @Flag(help: "Take a second point.")
    var secondPoint = false

    @Flag(help: "Store without asking.")
    var yes = false

    @Option(help: ArgumentHelp("How far back the readings must stand still: 5m.", valueName: "time"))
    var window: RecordingTime?

    @Option(help: ArgumentHelp("How many readings at least.", valueName: "count"))
    var readings: Int?

    @Option(help: ArgumentHelp("Give up after this time per point: 20m.", valueName: "time"))
    var timeout: RecordingTime?

    @Option(help: ArgumentHelp("The running node's control socket.", valueName: "path"))
    var control = defaultControlPath

    func validate() throws {
        if let when, WallClockTime(wholeSecond: when) == nil {
            throw ValidationError(saying: "--when \(when): write the moment as 2026-05-01T12:00:00Z")
        }
        if let expires, WallClockTime(wholeSecond: "\(expires)T00:00:00Z") == nil {
            throw ValidationError(saying: "--expires \(expires): write the day as 2027-05-01")
        }
        if secondReference != nil, !secondPoint { throw ValidationError(saying: "--second-reference belongs to --second-point") }
        if let readings, !(3...4096).contains(readings) { throw ValidationError(saying: "--readings takes 3 to 4096") }
        for (name, text) in [("--by", by), ("--reference-device", referenceDevice), ("--where", place ?? "x")] {
            guard (1...200).contains(text.utf8.count) else { throw ValidationError(saying: "\(name) takes 1 to 200 bytes of text") }
        }
    }

    func run() throws {
        do {
            let clock = try SystemClock(assumeSynchronised: true)
            let context = try context()
            let moment = try self.moment(context)
            guard var limits = StabilityLimits.usual(for: context.quantity),
                let bounds = CalibrationLimits.usual(for: context.quantity)
            else {
                throw CommandFailure(.dataError, "\(context.quantity.rawValue) cannot be calibrated beside a reference")
            }
            if let window { limits.window = window.span }
            if let readings { limits.fewestReadings = readings }
            var points = [try point(1, reference, context, limits, clock)]
            if secondPoint { points.append(try point(2, secondReference, context, limits, clock)) }
            let result = try ClimateCalibration(points, of: context.quantity, limits: bounds)
            let entry = context.entry(
                at: moment, by: by, place: place, reference: referenceDevice,
                expiresAt: expires.flatMap { WallClockTime(wholeSecond: "\($0)T00:00:00Z") },
                change: .correct(.linear(result.correction)))
            say(
                """
                \(sensor) \(context.quantity.rawValue): \(entry.changeText); readings scatter by \
                \(result.uncertainty.rounded(toPlaces: 4)) \(context.quantity.unit) (standard uncertainty of the mean)
                """)
            guard yes || confirmed() else { throw CommandFailure(.mismatch, "nothing was stored") }
            let client = try ControlClient(path: control)
            try client.request(
                ControlRequest(verb: "calibration-add", arguments: [entry.id], payload: Array(entry.fileText.utf8)),
                within: .seconds(30))
            let stored = try client.rest()
            writeStandardOutput(("stored, from the next interval on: \(stored)" as Sentence).text(in: readersLanguage))
        } catch let error as CalibrationRefusal {
            throw CommandFailure(.dataError, "\(error)\nnothing was stored")
        }
    }

    private func context() throws -> CalibrationContext {
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: "calibration-context", arguments: [sensor, quantity]))
        guard let context = CalibrationContext(lines: try client.rest(), utc: presentSecond()) else {
            throw CommandFailure(.unavailable, "the node does not say what \(sensor) is; is it of another version?")
        }
        return context
    }

    /// A date from a clock that nobody has set would order the record wrongly among the others for good.
    private func moment(_ context: CalibrationContext) throws -> WallClockTime {
        if let when, let moment = WallClockTime(wholeSecond: when) { return moment }
        guard let utc = context.utc else {
            throw CommandFailure(.dataError, "the node does not know the time: give it with --when 2026-05-01T12:00:00Z, in UTC")
        }
        return utc
    }

    /// Waits until the sensor stands still, then asks for what the reference shows.
    private func point(
        _ number: Int, _ given: Double?, _ context: CalibrationContext, _ limits: StabilityLimits, _ clock: SystemClock
    ) throws -> CalibrationPoint {
        if number > 1, given == nil || !yes {
            _ = try answer("Bring sensor and reference to the second value, then press Enter: ")
        }
        remark("point \(number): waiting until \(sensor) stands still for \(Int(limits.window.seconds)) s")
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: "readings", arguments: [sensor]))
        let patience = timeout?.span ?? max(.seconds(1200), limits.window * 4)
        var watch = StabilityWatch(limits, until: clock.now() + patience)
        var progress = StabilityProgress(unit: context.quantity.unit)
        while true {
            switch try client.line(until: clock.now() + .seconds(1)) {
            case .text(let line): progress.take(line, of: context.quantity, into: &watch)
            case .waiting: watch.check(clock.now())
            case .end: throw CommandFailure(.unavailable, "the node ended; nothing was stored")
            }
            if let news = progress.news(of: watch.state) { remark(news) }
            switch watch.state {
            case .stable(let mean, let uncertainty):
                let shown = try given ?? reference(answering: "The reference shows (\(context.quantity.unit)): ")
                return CalibrationPoint(raw: mean, uncertainty: uncertainty, reference: shown)
            case .givenUp(let drift):
                let unit = context.quantity.unit
                let found: Sentence =
                    drift.map { "it drifts by \($0.rounded(toPlaces: 3)) \(unit) in \(Int(limits.window.seconds)) s" }
                    ?? "too few readings came in"
                throw CommandFailure(
                    .mismatch,
                    """
                    \(sensor) did not stand still within \(Int(patience.seconds)) s: \(progress.withFailures(found)). \
                    Nothing was stored
                    """)
            default: break
            }
        }
    }

    private func finite(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    /// What took minutes is not lost by a slip: it is asked for again until a number comes, or the input ends.
    private func reference(answering question: Sentence) throws -> Double {
        while true {
            let text = try answer(question)
            if let value = finite(text) { return value }
            remark("'\(text)' is no number; write it with a point: 21.4")
        }
    }

    private func confirmed() -> Bool {
        ask("Store it? [y/N] ")
        return ["y", "yes", "j", "ja"].contains(readLine()?.lowercased())
    }

    private func answer(_ question: Sentence) throws -> String {
        ask(question)
        guard let line = readLine() else { throw CommandFailure(.dataError, "\nno answer came; nothing was stored") }
        return line.filter { !$0.isWhitespace }
    }
}
