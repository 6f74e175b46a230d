import CFuse3
import Glibc

/// One ioctl, or one step of it. Exactly one of `ask`, `succeed` and `fail` must be called, once.
struct ControlCall {
    let request: fuse_req_t
    let command: UInt32
    /// The caller's argument: a number or an address in the caller's memory, never in ours.
    let argument: UnsafeMutableRawPointer?
    let file: UInt64
    /// What of the caller's memory came along, in the order it was asked for.
    let input: UnsafeRawBufferPointer
    /// How many bytes the caller's memory takes back.
    let roomForAnswer: Int

    /// Not served yet: the kernel shall come again with this memory of the caller, and room for that.
    func ask(for input: [iovec], roomFor answer: [iovec] = []) {
        fuse_reply_ioctl_retry(request, input, input.count, answer, answer.count)
    }

    func succeed(result: Int32 = 0, answer: [UInt8] = []) {
        fuse_reply_ioctl(request, result, answer, answer.count)
    }

    func fail(_ code: Int32) { fuse_reply_err(request, code) }
}
