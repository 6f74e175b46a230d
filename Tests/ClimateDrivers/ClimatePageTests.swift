import Glibc
import SensorCore
import Testing

@testable import ClimateDrivers

/// The tables of parts for people say what the code says.
@Suite struct ClimatePageTests {
    /// A file of this repository, as lines.
    static func lines(_ path: String) throws -> [String] {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let file = try #require(fopen("\(root)/\(path)", "r"), "\(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("The table has each part", arguments: ClimateParts.all) func theTableHasEachPart(_ part: PartDescription) throws {
        let row = try #require(
            try Self.lines("docs/climate.md").first { $0.hasPrefix("| `") && $0.contains("`\(part.name)`") && $0.contains("0x") },
            "docs/climate.md has no row for \(part.name)")
        let cells = row.split(separator: "|").map { String($0).trimmed }
        #expect(cells.count == 5)
        #expect(
            cells[2].contains(part.addresses[0].description) && cells[2].hasSuffix(part.addresses[part.addresses.count - 1].description))
        #expect(cells[3] == "\(part.timing.shortestPeriod.nanoseconds / 1_000_000_000) s")
    }

    @Test("The table has no other part") func theTableHasNoOtherPart() throws {
        let rows = try Self.lines("docs/climate.md").filter { $0.hasPrefix("| `") && $0.contains("0x") }
        let named = rows.flatMap { row in
            row.split(separator: "|")[0].split(separator: "`").map { String($0) }.filter { $0.first?.isLetter == true }
        }
        #expect(Set(named) == Set(ClimateParts.all.map(\.name)) && named.count == ClimateParts.all.count)
    }

    @Test("The table says what is withheld together", arguments: ClimateParts.all) func theTableSaysWhatIsWithheldTogether(
        _ part: PartDescription
    ) throws {
        let phrases = part.specifications.filter { !$0.dependsOn.isEmpty }.map { specification in
            "\(specification.quantity.rawValue) with \(specification.dependsOn.map(\.rawValue).joined(separator: " and "))"
        }
        let rows = try Self.lines("docs/climate.md").filter {
            $0.hasPrefix("| `") && $0.contains("`\(part.name)`") && !$0.contains("0x") && $0.contains(" with ")
        }
        let wanted = phrases.isEmpty ? [] : [phrases.joined(separator: "; ")]
        #expect(rows.map { String($0.split(separator: "|")[1]).trimmed } == wanted, "docs/climate.md, \(part.name)")
    }

    @Test("The README names each part", arguments: ClimateParts.parts.map(\.printedName)) func theReadmeNamesEachPart(_ name: String) throws
    {
        let text = try Self.lines("README.md").joined(separator: " ")
        let list = try #require(text.firstRange(of: "Parts with drivers: ")).upperBound
        #expect(text[list...].prefix(300).contains(name), "README.md, \"Parts with drivers\": \(name)")
    }
}

extension String {
    fileprivate var trimmed: String {
        let ends: (Character) -> Bool = { $0 == " " }
        return String(drop(while: ends).reversed().drop(while: ends).reversed())
    }
}
