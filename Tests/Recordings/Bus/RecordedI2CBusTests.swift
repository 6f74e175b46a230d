import SensorCore
import TestSupport
import Testing

@testable import Recordings

/// The contract of `sensor replay`, clause by clause.
@Suite struct RecordedI2CBusTests {
    static func bus(_ json: String) throws -> RecordedI2CBus {
        RecordedI2CBus(try I2CRecording(json: Array(json.utf8)))
    }

    @Test("Registers are read from memory") func registersAreReadFromMemory() throws {
        let bus = try Self.bus("{\"address\": \"76\", \"memory\": {\"88\": \"01 02 03\", \"8b\": \"04\"}}")
        #expect(bus.exchange([0x88], 4) == .success([1, 2, 3, 4]))
        #expect(bus.exchange([0x8A], 1) == .success([3]))
    }

    @Test("A one byte write sets the pointer which moves on") func aOneByteWriteSetsThePointerWhichMovesOn() throws {
        let bus = try Self.bus("{\"memory\": {\"88\": \"01 02 03\"}}")
        #expect(bus.exchange([0x88], 0) == .success([]))
        #expect(bus.exchange([], 2) == .success([1, 2]))
        #expect(bus.exchange([], 1) == .success([3]))
        #expect(bus.exchange([], 1) == .failure(.notRecorded))
    }

    @Test("Writes are acknowledged and change nothing") func writesAreAcknowledgedAndChangeNothing() throws {
        let bus = try Self.bus("{\"memory\": {\"88\": \"01\"}}")
        #expect(bus.exchange([0x88, 0xFF], 0) == .success([]))
        #expect(bus.exchange([0xE0, 0xB6, 0x00, 0x01], 0) == .success([]))
        #expect(bus.exchange([0x88], 1) == .success([1]))
    }

    @Test(
        "An unrecorded read throws",
        arguments: [([0x87], 1), ([0x8A], 1), ([0x88], 3), ([0xFF], 2), ([0x88, 0x00], 1), ([], 1)] as [([UInt8], Int)])
    func anUnrecordedReadThrows(_ write: [UInt8], _ count: Int) throws {
        let bus = try Self.bus("{\"memory\": {\"88\": \"01 02\", \"FF\": \"00\"}}")
        #expect(bus.exchange(write, count) == .failure(.notRecorded))
    }

    @Test("Answers come in turn and the last is repeated") func answersComeInTurnAndTheLastIsRepeated() throws {
        let bus = try Self.bus("{\"responses\": {\"FD\": [\"01\", null, \"02\", \"03\"]}}")
        #expect(bus.exchange([0xFD], 1) == .success([1]))
        #expect(bus.exchange([0xFD], 1) == .failure(.nack))
        #expect(bus.exchange([0xFD], 1) == .success([2]))
        #expect(bus.exchange([0xFD], 1) == .success([3]))
        #expect(bus.exchange([0xFD], 1) == .success([3]))
    }

    @Test("Command and answer may be two transfers") func commandAndAnswerMayBeTwoTransfers() throws {
        let bus = try Self.bus("{\"responses\": {\"24 0B\": [null, \"0102\"], \"fd\": [\"05\"]}}")
        #expect(bus.exchange([0x24, 0x0B], 0) == .success([]))
        #expect(bus.exchange([], 2) == .failure(.nack))
        #expect(bus.exchange([], 2) == .success([1, 2]))
        #expect(bus.exchange([0xFD], 0) == .success([]))
        #expect(bus.exchange([], 1) == .success([5]))
        #expect(bus.exchange([0x24], 1) == .failure(.notRecorded))
    }

    @Test("Each command has its own turn") func eachCommandHasItsOwnTurn() throws {
        let bus = try Self.bus("{\"responses\": {\"01\": [\"0a\", \"0b\"], \"02\": [\"0c\", \"0d\"]}}")
        #expect(bus.exchange([0x01], 1) == .success([0x0A]))
        #expect(bus.exchange([0x02], 1) == .success([0x0C]))
        #expect(bus.exchange([0x01], 1) == .success([0x0B]))
        #expect(bus.exchange([0x02], 1) == .success([0x0D]))
    }

    @Test("An exact command wins over memory") func anExactCommandWinsOverMemory() throws {
        let bus = try Self.bus("{\"memory\": {\"F7\": \"0102\"}, \"responses\": {\"f7\": [\"0a0b\"]}}")
        #expect(bus.exchange([0xF7], 2) == .success([0x0A, 0x0B]))
        #expect(bus.exchange([0xF8], 1) == .success([2]))
    }

    @Test("A shorter read is served a longer is not") func aShorterReadIsServedALongerIsNot() throws {
        let bus = try Self.bus("{\"responses\": {\"f7\": [\"0a0b\"]}}")
        #expect(bus.exchange([0xF7], 1) == .success([0x0A]))
        #expect(bus.exchange([0xF7], 3) == .failure(.notRecorded))
    }

    @Test("Another address is not acknowledged") func anotherAddressIsNotAcknowledged() throws {
        let bus = try Self.bus("{\"address\": \"0x76\", \"memory\": {\"88\": \"01\"}}")
        #expect(bus.exchange([0x88], 1, at: 0x77) == .failure(.nack))
        #expect(bus.exchange([0x88], 1, at: 0x76) == .success([1]))
    }

    @Test("The error names the read") func theErrorNamesTheRead() throws {
        let bus = try Self.bus("{\"address\": \"0x76\", \"memory\": {}}")
        do throws(I2CError) {
            _ = try bus.transferred([0x88], 24, at: 0x76)
            Issue.record("an empty recording answered")
        } catch {
            #expect(error.operation == "read 24 after 88 at 0x76 on recording")
        }
    }
}
