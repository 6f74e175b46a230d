import Glibc
import SensorCore
import TestSupport
import Testing

@testable import TransportProcess

@Suite struct ProcessTroubleTests {
    static let troubles: [ProcessTrouble] =
        (1...31 as ClosedRange<Int32>).map { .signal($0) } + [
            .exit(70), .unknown, .hangs, .hangsResolving, .nonsense, .otherVersion, .cannotSpawn(errno: ENOMEM),
            .noSocket(path: "/run/a", errno: EACCES), .noSocket(path: "/run/a", errno: ENOENT),
        ]

    @Test("Each trouble is in the catalogue, and names its peer where there is one", arguments: troubles)
    func eachTroubleIsInTheCatalogue(_ trouble: ProcessTrouble) {
        let catalogue = SentenceCatalogue("TransportProcess")
        for library in ["libmosquitto 2.0.21", nil] {
            let sentence = trouble.sentence(peer: "broker a:1", library: library)
            #expect(catalogue.missing(of: sentence) == [], "\(sentence)")
            #expect(!sentence.description.contains("%"), "\(sentence)")
        }
    }
}
