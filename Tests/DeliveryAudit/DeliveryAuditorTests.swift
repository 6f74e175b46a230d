import DeliveryAudit
import Glibc
import RecordFormats
import SensorCore
import TestSupport
import Testing

/// A minute of a gate: numbers, then what it counted, as the node's own encoder writes it.
private func minute(
    _ sequence: UInt64, at index: Int64, count: UInt64, total: UInt64, replaces: [ClosedRange<UInt64>] = [], minutes: Int64 = 1,
    summedOver: TimeSpan? = nil, channel: String = "gate", isHistorical: Bool = false, epoch: UInt64 = 42
) -> [UInt8] {
    let start = WallClockTime(secondsSince1970: 1_777_636_800 + 60 * index)
    var interval = TrafficInterval(
        span: IntervalSpan(
            start: MonotonicInstant(nanoseconds: 60_000_000_000 * index),
            end: MonotonicInstant(nanoseconds: 60_000_000_000 * (index + minutes)),
            utc: .init(start: start, end: start + .seconds(60 * minutes)), isPartial: false),
        channel: channel, detector: .contact, observed: .seconds(60 * minutes), flows: [TrafficFlow(count: count)], total: total,
        quality: CountQuality(
            counters: EdgeCounters(edges: 2 * count, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
            filter: "none", confidence: 1))
    interval.summedOver = summedOver
    return encoded(.traffic(interval), sequence, replaces: replaces, isHistorical: isHistorical, epoch: epoch)
}

private func notice(
    _ kind: Notice.Kind, _ sequence: UInt64, _ numbers: ClosedRange<UInt64>? = nil, replaces: [ClosedRange<UInt64>] = [],
    previous: UInt64? = nil, epoch: UInt64 = 42, saying message: CodedMessage? = nil
) -> [UInt8] {
    var notice = Notice(
        kind: kind, instant: MonotonicInstant(nanoseconds: 0), utc: nil, text: "", sequences: numbers,
        previousEpoch: previous.map(JournalEpoch.init))
    notice.message = message
    return encoded(.notice(notice), sequence, replaces: replaces, epoch: epoch)
}

private func encoded(
    _ body: Record.Body, _ sequence: UInt64, replaces: [ClosedRange<UInt64>] = [], isHistorical: Bool = false, epoch: UInt64 = 42
) -> [UInt8] {
    NativeFormat(node: "node-7", baseTopic: "reallabor/node-7").message(
        for: JournalledRecord(
            sequence: sequence, record: Record(bootID: BootID("boot"), body: body, replaces: replaces)),
        epoch: JournalEpoch(rawValue: epoch), isHistorical: isHistorical
    ).payload
}

private func verdict(
    _ payloads: [[UInt8]], destination: String? = nil, expecting: ClosedRange<UInt64>? = nil, from: String? = nil, to: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> AuditVerdict {
    var auditor = DeliveryAuditor()
    for payload in payloads { auditor.take(json: payload) }
    let verdicts = auditor.verdicts(
        destination: destination, from: from.flatMap { WallClockTime(rfc3339: $0) }, to: to.flatMap { WallClockTime(rfc3339: $0) },
        expecting: expecting)
    return try #require(verdicts.count == 1 ? verdicts.first : nil, "\(verdicts)", sourceLocation: sourceLocation)
}

@Suite struct DeliveryAuditorTests {
    let good = (1...10).map { minute($0, at: Int64($0), count: 2, total: 2 * $0) }

    @Test("A whole account is complete") func aWholeAccountIsComplete() throws {
        let verdict = try verdict(good)
        #expect(verdict.hasNoGap && verdict.records == 10 && verdict.numbers == 1...10)
        #expect(verdict.node == "node-7" && verdict.epoch == "000000000000002a")
        #expect(verdict.duplicated == 0 && verdict.late == 0 && verdict.reordered == 0 && verdict.replaced == 0)
    }

    @Test("What is missing is named with its time and its counts") func whatIsMissingIsNamedWithItsTimeAndItsCounts() throws {
        let verdict = try verdict(good.enumerated().filter { !(3...5).contains($0.offset) && $0.offset != 7 }.map(\.element))
        #expect(!verdict.hasNoGap && verdict.missingCount == 4 && verdict.records == 6)
        #expect(verdict.missing.map(\.numbers) == [4...6, 8...8])
        #expect(verdict.missing.first?.from?.rfc3339 == "2026-05-01T12:04:00Z")
        #expect(verdict.missing.first?.to?.rfc3339 == "2026-05-01T12:07:00Z")
        #expect(verdict.hiddenCounts == ["gate": 8])
        #expect(verdict.contradictions.isEmpty)
    }

    @Test("What is expected before the first and after the last is missing") func whatIsExpectedBeforeTheFirstAndAfterTheLastIsMissing()
        throws
    {
        let verdict = try verdict(Array(good[2...6]), expecting: 1...10)
        #expect(verdict.missing.map(\.numbers) == [1...2, 8...10])
    }

    @Test("Repetitions and their order are counted") func repetitionsAndTheirOrderAreCounted() throws {
        let late = minute(3, at: 3, count: 2, total: 6, isHistorical: true)
        let verdict = try verdict(Array(good[0...1]) + Array(good[3...9]) + [good[2], late])
        // The same record from the backlog is the same record.
        #expect(verdict.hasNoGap && verdict.duplicated == 1 && verdict.reordered == 1)
    }

    @Test("Lanes do not disturb each other") func lanesDoNotDisturbEachOther() throws {
        let backlog = (1...5).map { minute($0, at: Int64($0), count: 2, total: 2 * $0, isHistorical: true) }
        let verdict = try verdict([good[5], backlog[0], good[6], backlog[1], backlog[2], good[7], backlog[3], backlog[4]])
        #expect(verdict.hasNoGap && verdict.reordered == 0 && verdict.late == 5)
    }

    @Test("Two contents of one number contradict") func twoContentsOfOneNumberContradict() throws {
        let verdict = try verdict(good + [minute(4, at: 4, count: 3, total: 8)])
        #expect(!verdict.hasNoGap && verdict.contradictions.map(\.kind) == [.content] && verdict.contradictions.first?.sequence == 4)
    }

    @Test("A total must grow by what was counted") func aTotalMustGrowByWhatWasCounted() throws {
        var records = good
        records[4] = minute(5, at: 5, count: 1, total: 10)
        let verdict = try verdict(records)
        #expect(verdict.contradictions.map(\.kind) == [.total] && verdict.contradictions.first?.sequence == 5)
        let detail = verdict.contradictions.first?.detail ?? ""
        #expect(detail.contains("from 8 to 10, but 1"), "\(verdict.contradictions)")
        // Also where it falls.
        records[4] = minute(5, at: 5, count: 2, total: 7)
        #expect(try self.contradictions(records).contains(.total))
    }

    private func contradictions(_ records: [[UInt8]]) throws -> [AuditVerdict.Contradiction.Kind] {
        try verdict(records).contradictions.map(\.kind)
    }

    @Test("Intervals of one series must not overlap") func intervalsOfOneSeriesMustNotOverlap() throws {
        var records = good
        records[4] = minute(5, at: 4, count: 2, total: 10)
        #expect(try contradictions(records) == [.overlap])
        // Another channel at the same time is no overlap.
        #expect(try contradictions(good + [minute(11, at: 4, count: 2, total: 2, channel: "path")]).isEmpty)
    }

    @Test("A sum is the sum of its parts", arguments: [(10 as UInt64, true), (9, false), (11, false)])
    func aSumIsTheSumOfItsParts(_ count: UInt64, _ isGood: Bool) throws {
        let sum = minute(11, at: 1, count: count, total: 10, minutes: 5, summedOver: .seconds(300))
        #expect(try contradictions(good + [sum]) == (isGood ? [] : [.sum]))
        // With a part missing there is nothing to compare.
        #expect(try verdict(Array(good[0...1]) + Array(good[3...]) + [sum]).contradictions.isEmpty)
    }

    // MARK: Coarser records

    @Test("Replaced numbers are not missing") func replacedNumbersAreNotMissing() throws {
        let coarse = minute(11, at: 1, count: 10, total: 10, replaces: [1...5], minutes: 5)
        let verdict = try verdict(Array(good[5...]) + [coarse], expecting: 1...11)
        #expect(verdict.hasNoGap && verdict.replaced == 5 && verdict.records == 6 && verdict.superseded == 0)
    }

    /// What came before it was replaced is left out, else it would count twice.
    @Test("A replaced record that came too is superseded") func aReplacedRecordThatCameTooIsSuperseded() throws {
        let coarse = minute(11, at: 1, count: 10, total: 10, replaces: [1...5], minutes: 5)
        let verdict = try verdict(good + [coarse])
        #expect(verdict.hasNoGap && verdict.replaced == 0 && verdict.superseded == 5, "\(verdict)")
    }

    @Test("A coarser record must hold all counts") func aCoarserRecordMustHoldAllCounts() throws {
        let coarse = minute(11, at: 1, count: 9, total: 10, replaces: [1...5], minutes: 5)
        let before = minute(12, at: 0, count: 0, total: 0, replaces: [], minutes: 1)
        #expect(try contradictions(Array(good[5...]) + [coarse, before]).contains(.total))
    }

    @Test("A missing record of a coarser group is missing") func aMissingRecordOfACoarserGroupIsMissing() throws {
        let gate = minute(11, at: 1, count: 10, total: 10, replaces: [1...5], minutes: 5)
        let verdict = try verdict(Array(good[5...]) + [gate], expecting: 1...12)
        #expect(verdict.missing.map(\.numbers) == [12...12])
    }

    // MARK: Notices

    @Test("What the node dropped is not called missing") func whatTheNodeDroppedIsNotCalledMissing() throws {
        for dropped in [notice(.recordsDropped, 11, replaces: [2...4]), notice(.recordsDropped, 11, 2...4)] {
            let verdict = try verdict([good[0]] + Array(good[4...]) + [dropped])
            #expect(verdict.missing.isEmpty && verdict.dropped.map(\.numbers) == [2...4] && !verdict.hasNoGap)
            #expect(verdict.hiddenCounts == ["gate": 6] && verdict.contradictions.isEmpty)
        }
        // It takes nothing away from what came.
        let verdict = try verdict(good + [notice(.recordsDropped, 11, replaces: [2...4])])
        #expect(verdict.hasNoGap && verdict.superseded == 0)
    }

    @Test("What the broker refuses is told apart") func whatTheBrokerRefusesIsToldApart() throws {
        let verdict = try verdict(Array(good[0...2]) + Array(good[4...]) + [notice(.recordsRefused, 11, 4...4)])
        #expect(verdict.refused.map(\.numbers) == [4...4] && verdict.missing.isEmpty && !verdict.hasNoGap)
    }

    @Test("What the broker of one destination refuses explains nothing to the receiver of another")
    func refusedElsewhere() throws {
        let saying = CodedMessage("records_refused", ["reason": .text("quota exceeded, 0x97"), "destination": .text("city")])
        let here = Array(good[0...2]) + Array(good[4...]) + [notice(.recordsRefused, 11, 4...4, saying: saying)]
        for (destination, isIts) in [("city", true), ("school", false), (nil, false)] {
            let verdict = try verdict(here, destination: destination)
            #expect(verdict.refused.map(\.numbers) == (isIts ? [4...4] : []), "\(destination ?? "nobody")")
            #expect(verdict.missing.map(\.numbers) == (isIts ? [] : [4...4]))
            #expect(verdict.refusedElsewhere.mapValues { $0.map(\.numbers) } == (isIts ? [:] : ["city": [4...4]]))
            #expect(!verdict.hasNoGap)
        }
        // What came is no gap, whoever refused it.
        let whole = try verdict(good + [notice(.recordsRefused, 11, 4...4, saying: saying)], destination: "school")
        #expect(whole.hasNoGap && whole.refusedElsewhere.isEmpty)
        // A node with one destination names none.
        let single = CodedMessage("records_refused", ["reason": .text("quota exceeded, 0x97")])
        let own = try verdict(
            Array(good[0...2]) + Array(good[4...]) + [notice(.recordsRefused, 11, 4...4, saying: single)], destination: "city")
        #expect(own.refused.map(\.numbers) == [4...4] && own.missing.isEmpty)
    }

    @Test("Lost before it had a number explains a gap in totals") func lostBeforeItHadANumberExplainsAGapInTotals() throws {
        let later = (6...10 as ClosedRange<UInt64>).map { minute($0 + 1, at: Int64($0), count: 2, total: 2 * $0 + 5) }
        let verdict = try verdict(Array(good[0...4]) + [notice(.recordsLost, 6)] + later)
        #expect(verdict.lossNotices == 1 && verdict.hiddenCounts == ["gate": 5] && verdict.contradictions.isEmpty && !verdict.hasNoGap)
        // Without the notice it contradicts.
        #expect(try contradictions(Array(good[0...4]) + [minute(6, at: 6, count: 2, total: 17)]) == [.total])
    }

    // MARK: Which

    @Test("Epochs and nodes are judged apart") func epochsAndNodesAreJudgedApart() throws {
        var auditor = DeliveryAuditor()
        for payload in good + [minute(1, at: 20, count: 1, total: 1, epoch: 7), minute(3, at: 22, count: 1, total: 3, epoch: 7)] {
            auditor.take(json: payload)
        }
        let verdicts = auditor.verdicts()
        #expect(verdicts.map(\.epoch) == ["000000000000002a", "0000000000000007"])
        #expect(verdicts.map(\.hasNoGap) == [true, false])
        #expect(auditor.verdicts(node: "node-8").isEmpty)
    }

    /// A journal that goes on under epoch 7 from number 11, of which `later` has more.
    private func goingOn(_ earlier: [[UInt8]], _ later: [[UInt8]]) throws -> [AuditVerdict] {
        var auditor = DeliveryAuditor()
        // The backlog comes after what is live.
        for payload in [notice(.journalRestored, 11, 11...11, previous: 42, epoch: 7)] + later + earlier { auditor.take(json: payload) }
        let verdicts = auditor.verdicts().sorted { $0.numbers.lowerBound < $1.numbers.lowerBound }
        try #require(verdicts.map(\.epoch) == ["000000000000002a", "0000000000000007"])
        return verdicts
    }

    @Test("A journal that goes on under a new epoch is whole") func aJournalThatGoesOnUnderANewEpochIsWhole() throws {
        let next = minute(12, at: 11, count: 2, total: 22, epoch: 7)
        let whole = try goingOn(good, [next])
        #expect(whole.map(\.hasNoGap) == [true, true] && whole.map(\.numbers) == [1...10, 11...12])
        // What the earlier one had up to the later's first number must be there.
        let lacking = try goingOn(Array(good[0...7]), [next])
        #expect(lacking.map { $0.missing.map(\.numbers) } == [[9...10], []])
    }

    @Test("A later epoch tells what was lost of an earlier") func aLaterEpochTellsWhatWasLostOfAnEarlier() throws {
        let verdicts = try goingOn(
            [good[0]] + Array(good[4...]),
            [notice(.recordsDropped, 12, replaces: [2...4], epoch: 7), minute(13, at: 11, count: 2, total: 22, epoch: 7)])
        #expect(verdicts[0].missing.isEmpty && verdicts[0].dropped.map(\.numbers) == [2...4] && verdicts[0].hiddenCounts == ["gate": 6])
        #expect(verdicts[1].hasNoGap && verdicts[1].numbers == 11...13)
        #expect(verdicts.allSatisfy { $0.contradictions.isEmpty })
    }

    /// Joined after the epoch began: the sum has a number of the later epoch and stands for records of the earlier.
    @Test("A sum stands in the account of what it replaces") func aSumStandsInTheAccountOfWhatItReplaces() throws {
        let sum = minute(13, at: 1, count: 10, total: 10, replaces: [1...5], minutes: 5, epoch: 7)
        let live = minute(12, at: 11, count: 2, total: 22, epoch: 7)
        let verdicts = try goingOn(Array(good[5...]), [live, sum])
        #expect(verdicts.allSatisfy { $0.contradictions.isEmpty }, "\(verdicts)")
        #expect(verdicts.map(\.hasNoGap) == [true, true] && verdicts.map(\.numbers) == [1...10, 11...13])
        // And is looked at there.
        let wrong = try goingOn(Array(good[5...]), [live, minute(13, at: 1, count: 9, total: 11, replaces: [1...5], minutes: 5, epoch: 7)])
        #expect(wrong[0].contradictions.map(\.kind) == [.total])
        // A sum of that sum takes its place.
        let twice = try goingOn(
            Array(good[7...]), [live, sum, minute(14, at: 1, count: 14, total: 14, replaces: [1...7, 13...13], minutes: 7, epoch: 7)])
        #expect(twice.map(\.hasNoGap) == [true, true], "\(twice)")
    }

    /// Of two sums for the same numbers one was lost to damage: it is told, and no contradiction.
    @Test("A lost sum is no contradiction") func aLostSumIsNoContradiction() throws {
        let other = minute(13, at: 3, count: 5, total: 5, replaces: [3...5], minutes: 3, channel: "path", epoch: 7)
        let told = notice(.recordsDropped, 12, replaces: [3...5], epoch: 7)
        let verdicts = try goingOn(Array(good[...1]) + Array(good[5...]), [told, other])
        #expect(verdicts[0].contradictions.isEmpty && verdicts[0].missing.isEmpty && verdicts[0].hiddenCounts == ["gate": 6])
    }

    @Test("A time limits what is looked at") func aTimeLimitsWhatIsLookedAt() throws {
        // 12:03 to 12:06: records 3, 4 and 5.
        let whole = try verdict(good, from: "2026-05-01T12:03", to: "2026-05-01T12:06:00Z")
        #expect(whole.numbers == 3...5 && whole.records == 3 && whole.hasNoGap)
        let lacking = try verdict(Array(good[0...3]) + Array(good[5...]), from: "2026-05-01T12:03", to: "2026-05-01T12:08")
        #expect(lacking.missing.map(\.numbers) == [5...5])
        let outside = try verdict(Array(good[0...3]) + Array(good[5...]), from: "2026-05-01T12:06")
        #expect(outside.hasNoGap && outside.numbers == 6...10)
    }

    @Test("Export lines of every form are read") func exportLinesOfEveryFormAreRead() throws {
        var auditor = DeliveryAuditor()
        let text = String(decoding: good[0], as: UTF8.self)
        let escaped = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
        for line in [
            text, #"{"tst":"2026-05-01","topic":"a","payload":\#(String(decoding: good[1], as: UTF8.self))}"#,
            #"{"topic":"a","payload":"\#(escaped)"}"#, "", "  ", #"{"kind":"status"}"#, "nonsense", #"{"kind":"flight"}"#,
        ] {
            auditor.take(exportLine: Array(line.utf8))
        }
        let verdict = try #require(auditor.verdicts().first)
        #expect(verdict.records == 2 && verdict.duplicated == 1)
        #expect(auditor.unreadable?.count == 2 && auditor.unreadable?.first.hasPrefix("no JSON: 1:1") == true)
    }

    /// What was before the first and after the last nobody knows, unless it is said.
    @Test("Only what was expected is complete") func onlyWhatWasExpectedIsComplete() throws {
        #expect(try verdict(good).hasNoGap && !verdict(good).isComplete)
        #expect(try verdict(good, expecting: 1...10).isComplete)
        #expect(try !verdict(good, expecting: 1...11).isComplete)
    }

    @Test(
        "What is only in a file set aside is a gap",
        arguments: [(nil, true), ("journal_set_aside", true), ("journal_goes_on", false), ("journal_file_gone", false)] as [(String?, Bool)]
    )
    func whatIsOnlyInAFileSetAsideIsAGap(code: String?, isGap: Bool) throws {
        let notice =
            #"{"kind":"notice","node":"node-7","epoch":"000000000000002a","sequence":1,"boot":"boot","start":null,"end":null,"#
            + #""start_monotonic_ns":5,"end_monotonic_ns":5,"historical":false,"notice":"journal_set_aside","text":"for people","#
            + #""count":null,"first_sequence":null,"last_sequence":null,"code":\#(code.map { "\"\($0)\"" } ?? "null")}"#
        let verdict = try verdict([Array(notice.utf8), minute(2, at: 2, count: 2, total: 2)], expecting: 1...2)
        #expect(verdict.setAsideNotices == (isGap ? 1 : 0) && verdict.isComplete == !isGap)
    }

    /// A newer node may have kinds of its own: they hold their numbers.
    @Test("A kind that is not known is a record all the same") func aKindThatIsNotKnownIsARecordAllTheSame() throws {
        let site =
            #"{"kind":"site","node":"node-7","epoch":"000000000000002a","sequence":3,"boot":"boot","start":null,"end":null,"#
            + #""start_monotonic_ns":5,"end_monotonic_ns":5,"historical":false,"name":"Schulhof"}"#
        let verdict = try verdict([minute(1, at: 1, count: 2, total: 2), minute(2, at: 2, count: 2, total: 4), Array(site.utf8)])
        #expect(verdict.numbers == 1...3 && verdict.records == 3 && verdict.hasNoGap)
    }

    /// Whatever is taken away from a good account, in whatever order it comes, is what is missing.
    @Test("Exactly what was taken away is missing", arguments: 0..<50 as Range<UInt64>)
    func exactlyWhatWasTakenAwayIsMissing(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let account = (1...200).map { minute($0, at: Int64($0), count: $0 % 3, total: (1...$0).reduce(0) { $0 + $1 % 3 }) }
        let gone = Set((1...200).filter { _ in Int.random(in: 0..<5, using: &random) == 0 } as [UInt64])
        var kept = account.enumerated().filter { !gone.contains(UInt64($0.offset + 1)) }.map(\.element)
        kept += kept.prefix(Int.random(in: 0...20, using: &random))
        kept.shuffle(using: &random)
        let verdict = try verdict(kept, expecting: 1...200)
        #expect(Set(verdict.missing.flatMap { Array($0.numbers) }) == gone, "seed \(seed)")
        #expect(verdict.contradictions.isEmpty, "seed \(seed): \(verdict.contradictions)")
    }

    /// Against what the node itself numbered: missing ends are seen, and an epoch of which nothing came.
    @Test("What the node numbered is what is to be there") func whatTheNodeNumbered() throws {
        var auditor = DeliveryAuditor()
        for payload in good[2...7] { auditor.take(json: payload) }
        func truth(_ epoch: String, _ numbers: ClosedRange<UInt64>) -> AuditTruth {
            AuditTruth(node: "node-7", epoch: epoch, numbers: numbers)
        }
        let own = "000000000000002a"
        let exact = auditor.verdicts(truths: [truth(own, 3...8)]).map(\.isComplete)
        #expect(exact == [true])
        let wider = auditor.verdicts(truths: [truth(own, 1...10), truth("00000000000000ff", 11...12)])
        #expect(wider.map(\.epoch) == [own, "00000000000000ff"])
        #expect(wider.map { $0.missing.map(\.numbers) } == [[1...2, 9...10], [11...12]])
        #expect(wider.map(\.isComplete) == [false, false])
        // Of another node it says nothing.
        #expect(auditor.verdicts(node: "node-8", truths: [truth(own, 1...10)]).isEmpty)
    }

    @Test(
        "The status of a node says what it numbered",
        arguments: [
            (#"{"node":"n","journal":{"epochs":[{"epoch":"a","first":1,"last":7},{"epoch":"b","first":8,"last":8}]}}"#, 2),
            (#"{"node":"n","journal":{"epochs":[]}}"#, nil), (#"{"node":"n","journal":{"last_sequence":7}}"#, nil),
            (#"{"node":"n","journal":{"epochs":[{"epoch":"a","first":9,"last":7}]}}"#, nil),
            (#"{"node":"n","journal":{"epochs":[{"epoch":"a","first":0,"last":7}]}}"#, nil),
            (#"{"node":7}"#, nil), ("[", nil), ("", nil),
        ] as [(String, Int?)])
    func theStatusOfANode(_ text: String, _ count: Int?) {
        #expect(AuditTruth.read(status: Array(text.utf8))?.count == count)
    }

    /// Whoever floods is cut off, and nothing is complete then.
    @Test("What is kept is bounded") func whatIsKeptIsBounded() throws {
        var auditor = DeliveryAuditor(limits: .init(records: 5))
        for payload in good { auditor.take(json: payload) }
        #expect(auditor.isFull)
        #expect(auditor.verdicts().map(\.records) == [5])
        var named = DeliveryAuditor()
        named.take(json: minute(1, at: 1, count: 1, total: 1, channel: String(repeating: "x", count: 513)))
        #expect(named.verdicts().isEmpty && named.unreadable?.first.contains("a name is longer than 512 bytes") == true)
        named.take(json: minute(1, at: 1, count: 1, total: 1, channel: String(repeating: "x", count: 512)))
        #expect(named.verdicts().count == 1)
        named.take(bounded: [UInt8](repeating: 0x20, count: DeliveryAuditor.longestMessage + 1))
        #expect(named.unreadable?.count == 2)
    }

    /// Twice the gaps take twice the time, not four times. In time of this thread's processor, so that others don't count.
    @Test("Gaps take no more time each, however many there are") func gapsTakeNoMoreTimeEach() throws {
        func seconds(_ gaps: UInt64) throws -> Double {
            var auditor = DeliveryAuditor()
            for number in 1...gaps {
                let second = WallClockTime(secondsSince1970: 1_777_636_800 + Int64(number))
                var record = AuditedRecord(
                    kind: .traffic, node: "n", epoch: "e", sequence: 2 * number, boot: "b", series: "gate", utc: second...second,
                    start: Int64(number), end: Int64(number), count: 1, total: 2 * number)
                if number % 2 == 0 {
                    record = AuditedRecord(
                        kind: .notice, node: "n", epoch: "e", sequence: 2 * number, boot: "b", start: 0, end: 0)
                }
                if number % 2 == 0 { record.notice = "records_lost" }
                auditor.take(record)
            }
            func now() -> Double {
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
            }
            let start = now()
            let verdict = try #require(auditor.verdicts().first)
            let taken = now() - start
            #expect(verdict.missing.count == Int(gaps) - 1)
            return taken
        }
        let ratios = try (0..<3).map { _ in try seconds(40_000) / seconds(20_000) }
        #expect((ratios.min() ?? .infinity) < 3, "\(ratios)")
    }
}
