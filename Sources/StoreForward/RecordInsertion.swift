import SensorCore

/// How records become rows, under the next numbers.
extension JournalWriter {
    func insert(_ record: Record, _ draft: inout JournalStanding) throws(JournalError) {
        try insert(RecordRows([record]), &draft)
    }

    func insert(_ rows: RecordRows, _ draft: inout JournalStanding) throws(JournalError) {
        try rows.forEachRun(of: WritingStatements.rowsAtOnce) { (run, bodies) throws(JournalError) in
            guard let bootID = run.first?.bootID else { return }
            let boot = try bootRow(of: bootID, &draft)
            if run.count == WritingStatements.rowsAtOnce {
                try insert(run, bodies, boot, with: statements.insertRecords, &draft)
            } else {
                for index in run.indices {
                    try insert(run[index...index], bodies, boot, with: statements.insertRecord, &draft)
                }
            }
        }
    }

    /// - Parameter statement: for exactly so many rows.
    private func insert(
        _ run: ArraySlice<RecordRows.Row>, _ bodies: UnsafeRawBufferPointer, _ boot: Int64, with statement: Statement,
        _ draft: inout JournalStanding
    ) throws(JournalError) {
        defer { statement.reset() }
        var parameter: Int32 = 1
        var sequence = Int64(draft.lastSequence)
        for row in run {
            let body = UnsafeRawBufferPointer(rebasing: bodies[row.body])
            sequence += 1
            statement.bind(parameter, sequence)
            statement.bind(parameter + 1, Int64(row.kind.code))
            statement.bind(parameter + 2, boot)
            statement.bind(parameter + 3, row.start.nanoseconds)
            statement.bind(parameter + 4, row.end.nanoseconds)
            statement.bind(parameter + 5, JournalSchema.checksum(sequence: sequence, boot: boot, body: body))
            try statement.bind(parameter + 6, body)
            parameter += 7
        }
        _ = try statement.step()
        draft.lastSequence = UInt64(sequence)
    }

    /// A new row whenever the boot differs from the previous record's, which keeps the ids ascending.
    private func bootRow(of bootID: BootID, _ draft: inout JournalStanding) throws(JournalError) -> Int64 {
        if let boot = draft.boot, boot.name == bootID { return boot.id }
        try statements.deleteNewestBoots.run()
        let id = (draft.boot?.id ?? 0) + 1
        defer { statements.insertBoot.reset() }
        statements.insertBoot.bind(1, id)
        try statements.insertBoot.bind(2, bootID.text)
        _ = try statements.insertBoot.step()
        draft.boot = (id, bootID)
        return id
    }
}
