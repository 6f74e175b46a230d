import SensorCore

/// One body before both beams: its marks, their images, and what of them is hidden in somebody else's.
extension BeamReading {
    /// Marks of the entry beam and their images on the other.
    struct Chain {
        var ends = MarkEnds()
        /// Marks of either beam whose other half is hidden in somebody else's mark.
        var hidden = 0
        var pieces = 1
        /// Sum of the shifts of the beginnings and ends that both beams saw, and their number.
        var shifts = 0.0
        var shiftCount = 0.0
        var fit = 0.0
        var lastEntry: Int
        var lastExit: Int
        /// Of its marks, hidden ends put right: when it began and ended in the entry beam, in ns of the monotonic clock.
        var begin: Int64
        var end: Int64
        var firstWidth: Double
        var lastWidth: Double
        var widestGap = 0.0

        var shift: Double { shifts / shiftCount }

        mutating func add(_ piece: Piece, gap: Double, at place: Int) {
            ends = ends | piece.ends
            shifts += piece.shifts
            shiftCount += piece.shiftCount
            fit += piece.fit
            pieces += 1
            lastEntry = place
            end = piece.end
            lastWidth = Double(piece.end &- piece.begin) * 1e-9
            widestGap = max(widestGap, gap)
        }
    }

    /// Offers the body that begins with this pair of marks, with each number of pieces.
    func bodies(
        _ entry: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds, _ offer: (Explanation) -> Void
    ) {
        guard let chain = start(entry, exit, alignment, explained) else { return }
        offerBodies(chain, entry, link: entry, exit, alignment, explained, offer)
    }

    func offerBodies(
        _ first: Chain, _ entry: Int, link: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds,
        _ offer: (Explanation) -> Void
    ) {
        follow(first, explained, upTo: alignment == .outer ? 1 : .max) { chain in
            offer(
                Explanation(
                    explained: chain.ends, cost: cost(of: chain), kind: Kind.body.rawValue,
                    entry: UInt8(truncatingIfNeeded: entry), exit: UInt8(truncatingIfNeeded: exit),
                    link: UInt8(truncatingIfNeeded: link), pieces: UInt8(truncatingIfNeeded: chain.pieces),
                    variant: alignment.rawValue))
        }
    }

    /// A bicycle whose first marks have their images hidden in somebody's mark: a later one gives the shift.
    func lateBodies(from entry: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        let longest = 2.5 / Self.slowestBike
        for link in entry + 1..<max(entry + 1, window.count) {
            if interval(window[entry].on, window[link].on) > longest { break }
            guard window[link].input == window[entry].input, window[link].isClosed else { continue }
            for exit in link + 1..<max(link + 1, window.count) where window[exit].input != window[link].input && window[exit].isClosed {
                if interval(window[link].on, window[exit].on) > geometry.spacing / Self.slowestBike { break }
                guard let chain = lateStart(entry, link: link, exit, explained) else { continue }
                offerBodies(chain, entry, link: link, exit, .both, explained, offer)
            }
        }
    }

    /// A bicycle whose first marks are hidden in somebody's mark on the entry beam: this is the image of the first of them.
    func hiddenBodies(image: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        let longest = 2.5 / Self.slowestBike
        for entry in 0..<window.count where window[entry].input != window[image].input && window[entry].isClosed {
            if interval(window[image].on, window[entry].on) > longest { break }
            for exit in max(entry, image) + 1..<max(max(entry, image) + 1, window.count) {
                if interval(window[entry].on, window[exit].on) > geometry.spacing / Self.slowestBike { break }
                guard window[exit].input == window[image].input, window[exit].isClosed,
                    let chain = hiddenStart(entry, image: image, exit, explained)
                else { continue }
                offerBodies(chain, entry, link: image, exit, .both, explained, offer)
            }
        }
    }

    func hiddenStart(_ entry: Int, image: Int, _ exit: Int, _ explained: MarkEnds) -> Chain? {
        guard var chain = start(entry, exit, .both, explained) else { return nil }
        let speed = geometry.spacing / chain.shift
        var end = window[image].off
        chain.begin = window[image].on &- nanoseconds(chain.shift)
        chain.firstWidth = width(image)
        for place in image..<exit where window[place].input == window[image].input {
            guard (explained.begins | explained.ends) & bit(place) == 0, isCovered(place, by: -chain.shift, on: window[entry].input)
            else { return nil }
            chain.ends.insert(place, begin: true, end: true)
            chain.hidden += 2
            chain.widestGap = max(chain.widestGap, speed * interval(end, window[place].on) + geometry.detectionLength)
            end = window[place].off
        }
        chain.widestGap = max(chain.widestGap, speed * interval(end, window[exit].on) + geometry.detectionLength)
        chain.pieces = 2
        return chain.widestGap < 1 ? chain : nil
    }

    func lateStart(_ entry: Int, link: Int, _ exit: Int, _ explained: MarkEnds) -> Chain? {
        guard var chain = start(link, exit, .both, explained) else { return nil }
        let speed = geometry.spacing / chain.shift
        var end = window[entry].off
        chain.begin = window[entry].on
        chain.firstWidth = width(entry)
        for place in entry..<link where window[place].input == window[entry].input {
            guard (explained.begins | explained.ends) & bit(place) == 0, isCovered(place, by: chain.shift, on: window[exit].input)
            else { return nil }
            chain.ends.insert(place, begin: true, end: true)
            chain.hidden += 2
            chain.widestGap = max(chain.widestGap, speed * interval(end, window[place].on) + geometry.detectionLength)
            end = window[place].off
        }
        chain.widestGap = max(chain.widestGap, speed * interval(end, window[link].on) + geometry.detectionLength)
        chain.pieces = 2
        return chain.widestGap < 1 ? chain : nil
    }

    func start(_ entry: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds) -> Chain? {
        let from = window[entry]
        let to = window[exit]
        let begin = interval(from.on, to.on)
        let end = interval(from.off, to.off)
        let isEntryLonger = end < begin
        var chain = Chain(
            lastEntry: entry, lastExit: exit, begin: from.on, end: from.off, firstWidth: 0, lastWidth: 0)
        switch alignment {
        case .both:
            guard end > 0.3 * begin, end < 3 * begin else { return nil }
            chain.shifts = begin + end
            chain.shiftCount = 2
            chain.fit = misfit(end - begin, shift: 0.5 * (begin + end))
            guard chain.fit < 6 else { return nil }
            chain.ends.insert(entry, begin: true, end: true)
            chain.ends.insert(exit, begin: true, end: true)
        case .begin:
            chain.shifts = begin
            chain.shiftCount = 1
            chain.ends.insert(entry, begin: true, end: !isEntryLonger)
            chain.ends.insert(exit, begin: true, end: isEntryLonger)
            if isEntryLonger { chain.end = from.on &+ (to.off &- to.on) }
        case .end:
            chain.shifts = end
            chain.shiftCount = 1
            chain.ends.insert(entry, begin: !isEntryLonger, end: true)
            chain.ends.insert(exit, begin: isEntryLonger, end: true)
            if isEntryLonger { chain.begin = from.off &- (to.off &- to.on) }
        case .outer:
            // Of a body as long as most.
            let span = interval(from.on, to.off)
            let speed = (geometry.spacing + Self.usualDepth) / span
            guard speed > 0.6, speed < 2.2 else { return nil }
            chain.shifts = geometry.spacing / speed
            chain.shiftCount = 1
            chain.end = from.on &+ nanoseconds(Self.usualDepth / speed)
            guard from.off > chain.end, to.on < to.off &- (chain.end &- from.on) else { return nil }
            chain.ends.insert(entry, begin: true, end: false)
            chain.ends.insert(exit, begin: false, end: true)
        }
        guard chain.ends.isDisjoint(with: explained), chain.shift >= geometry.shortestShift, chain.shift <= geometry.longestShift
        else { return nil }
        if alignment != .both {
            // What is hidden lies well within the longer mark.
            guard (end - begin).magnitude > 0.004 || alignment == .outer else { return nil }
            chain.fit = alignment == .outer ? 2 * Self.hiddenCost : Self.hiddenCost
        }
        chain.firstWidth = interval(chain.begin, chain.end)
        chain.lastWidth = chain.firstWidth
        return chain
    }

    /// Takes in what follows on the entry beam and has its image at the same shift; gives each body on the way.
    func follow(_ first: Chain, _ explained: MarkEnds, upTo pieces: Int, _ each: (Chain) -> Void) {
        var chain = first
        each(chain)
        let entry = first.lastEntry
        let exit = first.lastExit
        for place in entry + 1..<max(entry + 1, window.count) where chain.pieces < pieces {
            let mark = window[place]
            guard mark.input == window[entry].input, mark.isClosed, mark.on > chain.end else { continue }
            let isWhole = (explained.begins | explained.ends) & bit(place) == 0
            let speed = geometry.spacing / chain.shift
            let gap = speed * interval(chain.end, mark.on) + geometry.detectionLength
            if gap > 1 || speed * interval(chain.begin, mark.on) > 3 { break }
            guard let piece = image(of: place, chain, explained) else {
                if isWhole, isCovered(place, by: chain.shift, on: window[exit].input) {
                    chain.ends.insert(place, begin: true, end: true)
                    chain.hidden += 2
                    chain.pieces += 1
                    chain.lastEntry = place
                    chain.end = mark.off
                    chain.lastWidth = width(place)
                    chain.widestGap = max(chain.widestGap, gap)
                    each(chain)
                    continue
                }
                if isWhole, speed * width(place) > Self.thin { break }
                continue
            }
            chain.add(piece, gap: gap, at: place)
            addCovered(to: &chain, on: window[exit].input, before: piece.exit, explained)
            each(chain)
        }
    }

    func misfit(_ difference: Double, shift: Double) -> Double {
        0.8 * deviationCost(difference, Self.edgeJitter + Self.edgeShare * shift)
    }

    /// A further mark of the entry beam and its image.
    struct Piece {
        var exit: Int
        var ends: MarkEnds
        var shifts: Double
        var shiftCount: Double
        var fit: Double
        var begin: Int64
        var end: Int64
    }

    /// What of the other beam looks most like this mark, one shift later.
    func image(of place: Int, _ chain: Chain, _ explained: MarkEnds) -> Piece? {
        let mark = window[place]
        let tolerance = max(0.005, 0.06 * chain.shift)
        var best: Piece?
        let input = window[chain.lastExit].input
        for exit in chain.lastExit..<window.count where window[exit].input == input && window[exit].isClosed {
            let image = window[exit]
            let begin = interval(mark.on, image.on) - chain.shift
            if begin > tolerance && interval(mark.off, image.on) > chain.shift { break }
            let end = interval(mark.off, image.off) - chain.shift
            let beginsAlike = begin.magnitude < tolerance
            let endsAlike = end.magnitude < tolerance
            guard beginsAlike || endsAlike, exit != chain.lastExit || !beginsAlike else { continue }
            var piece = Piece(exit: exit, ends: MarkEnds(), shifts: 0, shiftCount: 0, fit: 0, begin: mark.on, end: mark.off)
            if beginsAlike {
                piece.ends.insert(place, begin: true, end: false)
                piece.ends.insert(exit, begin: true, end: false)
                piece.shifts += begin + chain.shift
                piece.shiftCount += 1
                piece.fit += misfit(begin, shift: chain.shift)
            } else {
                // Began hidden, in the mark that began earlier than it should.
                piece.ends.insert(begin < 0 ? place : exit, begin: true, end: false)
                piece.fit += Self.hiddenPieceCost
                if begin > 0 { piece.begin = mark.on &+ nanoseconds(begin) }
            }
            if endsAlike {
                piece.ends.insert(place, begin: false, end: true)
                piece.ends.insert(exit, begin: false, end: true)
                piece.shifts += end + chain.shift
                piece.shiftCount += 1
                piece.fit += misfit(end, shift: chain.shift)
            } else {
                piece.ends.insert(end > 0 ? place : exit, begin: false, end: true)
                piece.fit += Self.hiddenPieceCost
                if end < 0 { piece.end = mark.off &+ nanoseconds(end) }
            }
            guard piece.ends.isDisjoint(with: explained), piece.ends.isDisjoint(with: chain.ends), piece.fit < best?.fit ?? .infinity,
                piece.end > piece.begin
            else { continue }
            best = piece
        }
        return best
    }

    /// Whether the mark's image so much later lies within one mark of the other beam.
    func isCovered(_ place: Int, by shift: Double, on input: UInt8) -> Bool {
        let from = window[place].on &+ nanoseconds(shift) &+ 2_000_000
        let to = window[place].off &+ nanoseconds(shift) &- 2_000_000
        return (0..<window.count).contains {
            window[$0].input == input && window[$0].isClosed && window[$0].on <= from && window[$0].off >= to
        }
    }

    /// Marks of the other beam between the last image and this one are the body's too if their own are hidden.
    func addCovered(to chain: inout Chain, on input: UInt8, before exit: Int, _ explained: MarkEnds) {
        for place in chain.lastExit..<max(chain.lastExit, exit) where window[place].input == input {
            let isFree = (explained.begins | explained.ends | chain.ends.begins | chain.ends.ends) & bit(place) == 0
            guard isFree, window[place].isClosed, isCovered(place, by: -chain.shift, on: 1 - input) else { continue }
            chain.hidden += 2
            chain.ends.insert(place, begin: true, end: true)
        }
        chain.lastExit = exit
    }

    func cost(of chain: Chain) -> Double {
        0.3 + silhouette(of: chain).cost + chain.fit / Double(chain.pieces).squareRoot()
            + Self.hiddenPieceCost * Double(chain.hidden)
    }

    func silhouette(of chain: Chain) -> BeamSilhouette {
        let speed = geometry.spacing / chain.shift
        return BeamSilhouette(
            speed: speed, length: length(of: chain), pieces: chain.pieces, widestGap: chain.widestGap,
            firstPiece: speed * chain.firstWidth - geometry.detectionLength, lastPiece: speed * chain.lastWidth - geometry.detectionLength)
    }

    func length(of chain: Chain) -> Double {
        max(0, geometry.spacing / chain.shift * interval(chain.begin, chain.end) - geometry.detectionLength)
    }
}
