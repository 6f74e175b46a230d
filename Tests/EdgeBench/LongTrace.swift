import Glibc

/// Writes a trace of one line on standard output: `rate` edges a second, a little uneven, from the first microsecond on.
func writeTrace(isVCD: Bool, edges: Int64, rate: Int64) {
    var output = [UInt8]()
    output.reserveCapacity(1 << 20)
    func put() {
        var rest = output[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // Who reads no more has read enough.
            if count <= 0 { exit(0) }
            rest = rest.dropFirst(count)
        }
        output.removeAll(keepingCapacity: true)
    }
    output += Array(
        (isVCD ? "$timescale 1 ns $end $var wire 1 ! input $end $enddefinitions $end\n#0\n0!\n" : "timestamp_ns,line,level\n").utf8)
    var digits = [UInt8](repeating: 0, count: 20)
    var time: Int64 = 1_000
    let step = 1_000_000_000 / rate
    for number in 0..<edges {
        time = 1_000 + number * step + number * 7919 % (step / 2 + 1)
        var place = digits.count
        var rest = time
        repeat {
            place -= 1
            digits[place] = UInt8(48 + rest % 10)
            rest /= 10
        } while rest > 0
        let level = UInt8(number % 2 == 0 ? 49 : 48)
        if isVCD {
            output.append(UInt8(ascii: "#"))
            output += digits[place...]
            output += [10, level, UInt8(ascii: "!"), 10]
        } else {
            output += digits[place...]
            output += [
                UInt8(ascii: ","), UInt8(ascii: "J"), UInt8(ascii: "8"), UInt8(ascii: "-"), UInt8(ascii: "1"), UInt8(ascii: "1"),
                UInt8(ascii: ","), level, 10,
            ]
        }
        if output.count > 1 << 20 - 64 { put() }
    }
    put()
}
