package import StoreForward
import SensorCore

/// What is to be said of a journal, opened or not.
package struct JournalCheck {
    /// Records looked at; 0 where the journal could not be opened.
    package var records: UInt64
    /// Empty for a sound journal.
    package var findings: [Finding]

    /// Looks at every page and every record; a running node goes on meanwhile. Throws when it cannot be opened.
    package init(verifying path: String) throws(JournalError) {
        let report = try JournalVerification(path: path).run()
        records = report.records
        findings = report.findings.map {
            Finding(id: "journal-damaged", .error, at: Sentence(verbatim: path), $0, text: $0)
        }
    }

    /// Of a file of which not even the beginning can be read.
    package init(unreadable error: JournalError, journal path: String) {
        self.init(
            records: 0,
            findings: [Finding(id: "journal-damaged", .error, at: Sentence(verbatim: path), error.detail, text: error.sentence)])
    }

    /// As `init(verifying:)`; that it cannot be opened is a finding too.
    package init(_ path: String) {
        do throws(JournalError) {
            self = try JournalCheck(verifying: path)
        } catch {
            self.init(records: 0, findings: [Finding(error, journal: path)])
        }
    }

    private init(records: UInt64, findings: [Finding]) {
        self.records = records
        self.findings = findings
    }
}

extension Finding {
    /// Why a journal cannot be looked at.
    package init(_ error: JournalError, journal path: String) {
        let (place, detail, text) = (Sentence(verbatim: path), error.detail, error.sentence)
        switch error.kind {
        case .corrupt:
            let advice: Sentence = "'reallabor-node journal verify' looks at the rest of it"
            self.init(
                id: "journal-damaged", .error, at: place, detail, advice: advice, text: "\(text). \(advice)")
        case .newerVersion, .olderVersion, .foreign:
            self.init(id: "journal-of-another-format", .error, at: place, detail, text: text)
        case .cannotOpen, .readOnly, .io: self.init(id: "journal-unreadable", .error, at: place, detail, text: text)
        case .locked, .notAdmitted, .full, .budgetTooSmall, .closed, .unexpected:
            self.init(id: "journal-not-to-be-had", .warning, at: place, detail, text: text)
        }
    }
}
