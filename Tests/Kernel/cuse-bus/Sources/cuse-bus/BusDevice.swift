import CFuse3
import Glibc

/// Speaks the protocol of an I2C bus device (`/dev/i2c-N`, kernel documentation i2c/dev-interface) for an
/// `EmulatedBus`: I2C_SLAVE with plain read and write, I2C_RDWR, I2C_FUNCS, I2C_TIMEOUT, I2C_RETRIES.
///
/// The kernel hands an ioctl over in steps (libfuse, `fuse_reply_ioctl_retry`): its argument is an address in the
/// caller, and the reply says which of the caller's memory must come along before the call can be served.
/// Used by libfuse's one thread.
final class BusDevice {
    private let bus: EmulatedBus
    /// The address each open file chose with I2C_SLAVE.
    private var chosenAddress: [UInt64: UInt16] = [:]
    private var nextFile: UInt64 = 1

    init(bus: EmulatedBus) { self.bus = bus }

    func open(_ request: fuse_req_t, _ file: UnsafeMutablePointer<fuse_file_info>) {
        file.pointee.fh = nextFile
        nextFile += 1
        fuse_reply_open(request, file)
    }

    func close(_ request: fuse_req_t, _ file: UInt64) {
        chosenAddress[file] = nil
        fuse_reply_err(request, 0)
    }

    func read(_ request: fuse_req_t, _ file: UInt64, count: Int) {
        guard let address = chosenAddress[file], let bytes = bus.carry([], read: count, to: address) else {
            fuse_reply_err(request, ENXIO)
            return
        }
        reply(request, bytes)
    }

    func write(_ request: fuse_req_t, _ file: UInt64, _ bytes: [UInt8]) {
        guard let address = chosenAddress[file], bus.carry(bytes, read: 0, to: address) != nil else {
            fuse_reply_err(request, ENXIO)
            return
        }
        fuse_reply_write(request, bytes.count)
    }

    func control(_ call: ControlCall) {
        switch Int32(truncatingIfNeeded: call.command) {
        case I2C_SLAVE, I2C_SLAVE_FORCE:
            chosenAddress[call.file] = UInt16(truncatingIfNeeded: Int(bitPattern: call.argument))
            call.succeed()
        case I2C_TIMEOUT, I2C_RETRIES:
            call.succeed()
        case I2C_FUNCS:
            let functionality = UInt(I2C_FUNC_I2C)
            guard call.roomForAnswer >= MemoryLayout<UInt>.size else {
                call.ask(for: [], roomFor: [iovec(iov_base: call.argument, iov_len: MemoryLayout<UInt>.size)])
                return
            }
            call.succeed(answer: withUnsafeBytes(of: functionality) { Array($0) })
        case I2C_RDWR:
            transfer(call)
        default:
            call.fail(ENOTTY)
        }
    }

    private func transfer(_ call: ControlCall) {
        let head = iovec(iov_base: call.argument, iov_len: MemoryLayout<i2c_rdwr_ioctl_data>.size)
        guard call.input.count >= head.iov_len else { return call.ask(for: [head]) }
        let order = call.input.loadUnaligned(as: i2c_rdwr_ioctl_data.self)
        guard (1...UInt32(I2C_RDWR_IOCTL_MAX_MSGS)).contains(order.nmsgs) else { return call.fail(EINVAL) }

        let list = iovec(
            iov_base: UnsafeMutableRawPointer(order.msgs),
            iov_len: Int(order.nmsgs) * MemoryLayout<i2c_msg>.stride)
        var position = head.iov_len + list.iov_len
        guard call.input.count >= position else { return call.ask(for: [head, list]) }
        let messages = (0..<Int(order.nmsgs)).map {
            call.input.loadUnaligned(
                fromByteOffset: head.iov_len + $0 * MemoryLayout<i2c_msg>.stride, as: i2c_msg.self)
        }

        var input = [head, list]
        var answer: [iovec] = []
        for message in messages {
            let memory = iovec(iov_base: UnsafeMutableRawPointer(message.buf), iov_len: Int(message.len))
            if message.isRead { answer.append(memory) } else { input.append(memory) }
        }
        let answerLength = answer.reduce(0) { $0 + $1.iov_len }
        let inputLength = input.reduce(0) { $0 + $1.iov_len }
        guard call.input.count >= inputLength, call.roomForAnswer >= answerLength else {
            return call.ask(for: input, roomFor: answer)
        }

        var read: [UInt8] = []
        var index = 0
        while index < messages.count {
            let message = messages[index]
            var write: [UInt8] = []
            var count = 0
            if message.isRead {
                count = Int(message.len)
            } else {
                write = Array(call.input[position..<position + Int(message.len)])
                position += Int(message.len)
                // The read of the same part that follows belongs to the same transfer.
                if index + 1 < messages.count, messages[index + 1].isRead, messages[index + 1].addr == message.addr {
                    index += 1
                    count = Int(messages[index].len)
                }
            }
            guard let bytes = bus.carry(write, read: count, to: message.addr) else { return call.fail(ENXIO) }
            read += bytes
            index += 1
        }
        guard read.count == answerLength else { return call.fail(EIO) }
        call.succeed(result: Int32(order.nmsgs), answer: read)
    }

    private func reply(_ request: fuse_req_t, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { raw in
            _ = fuse_reply_buf(request, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
        }
    }
}

extension i2c_msg {
    var isRead: Bool { flags & UInt16(I2C_M_RD) != 0 }
}
