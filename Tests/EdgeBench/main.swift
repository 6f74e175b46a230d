import Glibc

// What counting costs and how late it is; edges come through pipes, as the kernel's records, to the real reader.
// Usage: EdgeBench [measure [SECONDS]] | feed DESCRIPTOR OFFSET RATE SECONDS | burn SECONDS | trace vcd|csv EDGES RATE
let words = Array(CommandLine.arguments.dropFirst())
let numbers = words.map { Int64($0) ?? 0 }
switch words.first {
case "feed" where words.count == 5:
    feed(Int32(numbers[1]), offset: UInt32(numbers[2]), rate: numbers[3], seconds: numbers[4])
case "burn" where words.count == 2: burn(seconds: numbers[1])
case "trace" where words.count == 4: writeTrace(isVCD: words[1] == "vcd", edges: numbers[2], rate: numbers[3])
case nil: try measure(seconds: 10)
case "measure" where words.count == 2: try measure(seconds: numbers[1])
default:
    print("EdgeBench [measure [SECONDS]] | feed DESCRIPTOR OFFSET RATE SECONDS | burn SECONDS | trace vcd|csv EDGES RATE")
    exit(64)
}
