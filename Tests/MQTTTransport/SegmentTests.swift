import Glibc
import Synchronization
import TestSupport
import Testing
import TransportProcess

@testable import MQTTTransport

@Suite(.blocksItsThread) struct SegmentTests {
    /// Records that are there at once leave together: a segment for each costs both sides more than the record in it.
    @Test("A window leaves in few segments") func aWindowLeavesInFewSegments() throws {
        let records = 40
        let segments = Mutex<UInt32?>(nil)
        let broker = try FakeBroker { connection in
            guard connection.welcome() else { return }
            var messageIDs: [UInt16] = []
            while messageIDs.count < records, let message = connection.publish() {
                if message.isRecord { messageIDs.append(message.messageID) }
            }
            segments.withLock { $0 = Self.segmentsWithData(to: connection.descriptor) }
            for messageID in messageIDs { connection.send(connection.puback(messageID)) }
            while let (messageID, _) = connection.publish() { connection.send(connection.puback(messageID)) }
        }
        let node = try RunningPublisher(port: broker.port, outbox: MemoryOutbox(records: UInt64(records))) { $0.window = 100 }
        try node.waitUntilAcknowledged(UInt64(records))
        node.stop()
        let counted = segments.withLock { $0 }
        let found = try #require(counted)
        // All since the connection began, with the few in which it is greeted: 42 where each record has one of its own.
        #expect(found > 0 && Int(found) * 2 <= records, "\(found) segments for \(records) records")
    }

    /// `tcpi_data_segs_in` of struct tcp_info (include/uapi/linux/tcp.h, since Linux 4.6), at its place: glibc's ends before.
    private static func segmentsWithData(to socket: Int32) -> UInt32? {
        var bytes = [UInt8](repeating: 0, count: 160)
        var length = socklen_t(bytes.count)
        guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &bytes, &length) == 0, length >= 156 else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 152, as: UInt32.self) }
    }
}
