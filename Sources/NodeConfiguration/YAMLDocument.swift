import SensorCore

/// Reads the one document of a file into a tree. Tells every fault; nil when there is nothing to go on with.
///
/// After a syntax error the tree holds what came before it, with `isComplete` false where it was cut.
func readYAML(_ text: SourceText, faults: FaultCollector) -> YAMLNode? {
    var builder = YAMLTreeBuilder(faults: faults)
    text.bytes.withUnsafeBufferPointer { bytes in
        guard var stream = YAMLStream(bytes) else {
            faults.add(at: .start, "out of memory")
            return
        }
        do throws(YAMLSyntaxError) {
            while try builder.take(stream.next()) {}
        } catch {
            faults.add(at: min(error.place, text.end), error.advice(endOfFile: text.end))
            builder.cutShort()
        }
    }
    if builder.root == nil, faults.isEmpty {
        faults.add(at: .start, "the file holds no settings; is it the right file, and was it saved?")
    }
    return builder.root
}

/// Puts events together to one tree. Anchors, aliases and tags are refused, so a tree is never larger than its text.
struct YAMLTreeBuilder {
    private(set) var root: YAMLNode?
    private var open: [OpenCollection] = []
    private let faults: FaultCollector

    /// A configuration needs five levels; libyaml would go on to 1000.
    static let deepestNesting = 16

    private struct OpenCollection {
        var position: SourcePosition
        var isMapping: Bool
        var items: [YAMLNode] = []
        var entries: [YAMLMapping.Entry] = []
        var firstPlaces: [String: SourcePosition] = [:]
        var pendingKey: PendingKey = .none
        /// One of its keys is no text, so nothing can be said of the others.
        var isRefused = false

        enum PendingKey {
            case none
            case key(String, SourcePosition)
            /// The key, or its second appearance, is already told; its value is dropped.
            case refused
        }
    }

    init(faults: FaultCollector) { self.faults = faults }

    /// False when there is no more to read.
    mutating func take(_ marked: MarkedYAMLEvent) -> Bool {
        let position = marked.position
        switch marked.event {
        case .documentStart:
            guard root == nil else {
                faults.add(at: position, "a second document begins here; a file holds one, so remove this line ('---')")
                return false
            }
        case .documentEnd:
            break
        case .streamEnd:
            return false
        case .alias:
            refuse("the alias '*\(marked.anchor ?? "")' is not supported; write the value out", at: position)
            add(YAMLNode(position: position, content: .refused))
        case .scalar(let text, let isPlain):
            refuseAttachments(of: marked)
            add(YAMLNode(position: position, content: .scalar(text, isPlain: isPlain)))
        case .sequenceStart, .mappingStart:
            refuseAttachments(of: marked)
            guard open.count < Self.deepestNesting else {
                faults.add(
                    at: position, "nested more than \(Self.deepestNesting) deep; is a bracket or an indentation wrong?")
                open.removeLast(open.count - 1)
                add(YAMLNode(position: position, content: .refused))
                cutShort()
                return false
            }
            var isMapping = false
            if case .mappingStart = marked.event { isMapping = true }
            open.append(OpenCollection(position: position, isMapping: isMapping))
        case .sequenceEnd, .mappingEnd:
            close(isComplete: true)
        }
        return true
    }

    /// Closes everything that is open. A single value read last is dropped: it may be the one that was cut.
    mutating func cutShort() {
        guard let innermost = open.indices.last else { return }
        if open[innermost].isMapping {
            if case .none = open[innermost].pendingKey, case .scalar? = open[innermost].entries.last?.value.content {
                open[innermost].entries.removeLast()
            }
        } else if case .scalar? = open[innermost].items.last?.content {
            open[innermost].items.removeLast()
        }
        while !open.isEmpty { close(isComplete: false) }
    }

    private mutating func close(isComplete: Bool) {
        guard let closed = open.popLast() else { return }
        var content = YAMLNode.Content.sequence(closed.items)
        if closed.isMapping { content = .mapping(YAMLMapping(entries: closed.entries, isComplete: isComplete)) }
        if closed.isRefused { content = .refused }
        add(YAMLNode(position: closed.position, content: content))
    }

    private mutating func add(_ node: YAMLNode) {
        guard let parent = open.indices.last else {
            root = node
            return
        }
        guard open[parent].isMapping else {
            open[parent].items.append(node)
            return
        }
        switch open[parent].pendingKey {
        case .none:
            open[parent].pendingKey = pendingKey(node, in: parent)
        case .key(let key, let keyPosition):
            open[parent].entries.append(.init(key: key, keyPosition: keyPosition, value: node))
            open[parent].pendingKey = .none
        case .refused:
            open[parent].pendingKey = .none
        }
    }

    private mutating func pendingKey(_ node: YAMLNode, in parent: Int) -> OpenCollection.PendingKey {
        switch node.content {
        case .scalar(let key, _):
            if let first = open[parent].firstPlaces[key] {
                faults.add(
                    at: node.position, "\(quoted(key)) is written twice, first at \(first); remove one of them")
                return .refused
            }
            open[parent].firstPlaces[key] = node.position
            return .key(key, node.position)
        case .sequence, .mapping:
            faults.add(
                at: node.position,
                "a key must be a plain word, not \(node.kind); text that begins with { or [ needs quotes")
            open[parent].isRefused = true
            return .refused
        case .refused:
            open[parent].isRefused = true
            return .refused
        }
    }

    private func refuseAttachments(of marked: MarkedYAMLEvent) {
        if let anchor = marked.anchor {
            refuse(
                "the anchor '&\(anchor)' is not supported; remove it and write the value where it is needed",
                at: marked.position)
        }
        if let tag = marked.tag {
            refuse("the tag \(quoted(tag)) is not supported; remove it", at: marked.position)
        }
    }

    private func refuse(_ message: Sentence, at position: SourcePosition) { faults.add(at: position, message) }
}
