import SensorCore

extension DestinationSender {
    /// A receiver says what it has stored. It can only have stored what it was sent: what else it names is left alone.
    func take(_ receipt: DeliveryReceipt) {
        guard settings.needsReceipts, let highest = receipt.stored.map(\.upperBound).max() else { return }
        let isOfPresentEpoch = receipt.epoch == outbox.epoch
        if isOfPresentEpoch, highest > outbox.lastSequence { return refuseReceipt(through: highest) }
        let now = clock.now()
        for range in receipt.stored {
            var sent = sentNumbers.intersection(SequenceRanges(range))
            // Of a journal that this one goes on from, or of one that is none of this node's.
            if !isOfPresentEpoch { sent = numbers(of: receipt.epoch, in: sent) }
            acknowledge(sent)
            for sequence in joined.keys where sent.contains(sequence) {
                if let parts = forgetJoined(sequence) { acknowledge(parts) }
            }
            for part in sent.ranges { session.confirmed(part, at: now) }
        }
        // A retained receipt comes once, before what it confirms is sent.
        if isOfPresentEpoch, receipt.stored.contains(where: isOwedUnsent) { askAgain(from: now) }
        reports.status(status)
    }

    /// It speaks of numbers that this journal never gave: of a journal that was here before, of which this is an older copy.
    /// What it says of lower numbers may be of other records as well.
    private func refuseReceipt(through highest: UInt64) {
        if !saidOlderCopy {
            saidOlderCopy = true
            say(
                .warning,
                "a receipt names records up to \(highest), but only \(outbox.lastSequence) were ever numbered: this journal is an older copy of "
                    + "another (a restored backup?), or somebody else writes receipts. It is ignored, and a new epoch begins")
        }
        outbox.receiverHolds(through: highest)
    }

    private func isOwedUnsent(_ range: ClosedRange<UInt64>) -> Bool {
        guard range.lowerBound > 0 else { return false }
        return outbox.settled.missing(in: range).ranges.contains { !sentNumbers.contains($0) }
    }

    private func askAgain(from now: MonotonicInstant) {
        receiptPause = receiptPause == .zero ? settings.timing.receiptPause : min(receiptPause * 2, settings.timing.receiptTimeout)
        receiptDue = now + receiptPause
    }

    /// To subscribe once more brings what is retained (MQTT 5.0 §3.8.4, 3.1.1 §3.8.4).
    func askForReceipts() {
        receiptDue = .distantFuture
        guard status.isConnected else { return }
        for address in formatSession.subscriptions { transport.subscribe(address) }
    }
}
