import ControlSocket
import Delivery
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

@Suite struct StatusReportTests {
    private func report(_ change: (inout DeliveryStatus) -> Void) -> (text: String, json: String) {
        var publisher = DeliveryStatus()
        change(&publisher)
        let report = StatusReport(
            node: "gate-1", reading: ClockReading(instant: MonotonicInstant(nanoseconds: 60_000_000_000), utc: nil),
            uptime: .seconds(60), isArmed: true, channels: [], sensors: [],
            destinations: [DestinationStanding(name: "mqtt", backlog: 0, acknowledgedThrough: 0, status: publisher)], loops: [])
        #expect(Sentence(json: report.sentence.json) == report.sentence)
        #expect(SentenceCatalogue("NodeRuntime").missing(of: report.sentence) == [])
        return (report.text, String(decoding: report.json, as: UTF8.self))
    }

    @Test("Says which broker and what waits for whom") func saysWhichBrokerAndWhatWaitsForWhom() {
        let (text, json) = report {
            $0.isConnected = true
            $0.broker = "broker b.example:8883"
            $0.since = MonotonicInstant(nanoseconds: 30_000_000_000)
            $0.setAside = 3
            $0.waiting = 5
            $0.unheard = 2
            $0.unconfirmed = 41
            $0.unreadableReceipts = 2
            $0.inFlight = 7
            $0.connectionsLost = 5
        }
        #expect(text.contains("broker b.example:8883: connected since 30.0 s\n"))
        #expect(text.contains("refused by the broker: 3 records"))
        #expect(text.contains("not confirmed by the receiver: 41 records"))
        #expect(text.contains("not understood on the receipt topic: 2 messages"))
        for field in [
            #""broker":"broker b.example:8883""#, #""connections_lost":5"#, #""in_flight":7"#, #""set_aside":3"#, #""not_taken":5"#,
            #""unheard":2"#, #""unconfirmed":41"#,
            #""unreadable_receipts":2"#,
        ] {
            #expect(json.contains(field))
        }
    }

    @Test("Is silent about what is not") func isSilentAboutWhatIsNot() {
        let (text, json) = report { $0.trouble = Sentence(verbatim: "the broker refuses the password of node gate-1") }
        #expect(text.contains("broker: not connected since unknown; the broker refuses the password of node gate-1\n"))
        #expect(!text.contains("refused by the broker") && !text.contains("not confirmed") && !text.contains("receipt"))
        #expect(json.contains(#""broker":null"#))
    }
}
