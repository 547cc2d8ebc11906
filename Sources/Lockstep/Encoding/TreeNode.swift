/// Where the values below one `encode(to:)` are written until their order is known.
final class TreeStore {
    private(set) var writer: WireWriter

    /// Makes a store for a part of what `outer` writes.
    init(nestedIn outer: borrowing WireWriter) {
        writer = WireWriter(nestedIn: outer)
    }

    /// Writes something and tells where it stands.
    func write(
        depth: Int,
        calls: Int,
        _ body: (inout WireWriter) throws -> Void
    ) rethrows -> Range<Int> {
        let start = writer.count
        writer.depth = depth
        writer.calls = calls
        try body(&writer)
        return start..<writer.count
    }

    /// What was written. It must be used before anything else is written.
    var bytes: UnsafeRawBufferPointer { writer.room.filled }
}

/// A value below a node: complete, or still to be filled.
enum TreeSlot {
    case written(Range<Int>)
    case node(TreeNode)
}

/// What one encoder fills. Containers that are asked for twice share it, as `Codable` demands.
final class TreeNode {
    enum Kind {
        case undecided, single, array, map
    }

    struct Field {
        let key: Range<Int>
        let slot: TreeSlot
        /// True if the value is in an optional and could be taken for nil.
        var isMarked = false
    }

    let store: TreeStore
    /// The containers around this one.
    let depth: Int
    private(set) var kind = Kind.undecided
    private(set) var failure: WireError?
    var single: TreeSlot?
    private(set) var fields: [Field] = []
    /// The nested containers by name.
    private var nodes: [String: TreeNode] = [:]
    private(set) var elements: [TreeSlot] = []
    /// Elements that are all bytes, as those of Foundation's `Data`, which need no slots.
    private(set) var bytes: [UInt8] = []

    init(_ store: TreeStore, depth: Int) {
        self.store = store
        self.depth = depth
    }

    /// The number of elements.
    var count: Int { bytes.count + elements.count }

    /// Notes which container was asked for. It cannot throw here: what is wrong is thrown at the end.
    func become(_ kind: Kind, at path: [any CodingKey]) {
        if self.kind == .undecided { self.kind = kind }
        if self.kind != kind { failure = .conflictingContainers(path: path.readable) }
    }
}

// MARK: - Filling

extension TreeNode {
    /// Adds an element.
    func append(_ slot: TreeSlot) {
        for byte in bytes { elements.append(.written(written(byte))) }
        bytes = []
        elements.append(slot)
    }

    /// Adds an element that is a byte.
    func append(_ byte: UInt8) {
        if elements.isEmpty { bytes.append(byte) } else { append(.written(written(byte))) }
    }

    /// Adds a field. The last one of a name counts.
    func append(_ slot: TreeSlot, name: String, inOptional: Bool = false) {
        let isMarked = inOptional && couldBeNil(slot)
        fields.append(Field(key: written(name), slot: slot, isMarked: isMarked))
    }

    /// Makes the node of a nested container, or finds that of an earlier one of the same name.
    func node(named name: String) -> TreeNode {
        if let node = nodes[name] { return node }
        let node = nested()
        // Beyond the limit the node stays alone: a long chain of nodes would overflow the stack when freed.
        if failure == nil {
            fields.append(Field(key: written(name), slot: .node(node)))
            nodes[name] = node
        }
        return node
    }

    /// Makes the node of a nested container and adds it as an element.
    func elementNode() -> TreeNode {
        let node = nested()
        if failure == nil { append(.node(node)) }
        return node
    }

    private func nested() -> TreeNode {
        if depth >= WireLimit.depth { failure = .tooDeep(limit: WireLimit.depth) }
        return TreeNode(store, depth: depth + 1)
    }

    private func written(_ value: some WireWritable) -> Range<Int> {
        // Neither a string nor a byte throws.
        (try? store.write(depth: depth, calls: 0) { try value.write(to: &$0) }) ?? 0..<0
    }

    private func couldBeNil(_ slot: TreeSlot) -> Bool {
        switch slot {
        case .written(let range): WireWriter.needsMark(store.bytes[range.lowerBound])
        case .node(let node): node.single.map(couldBeNil) ?? false
        }
    }
}

// MARK: - Writing it out

extension TreeNode {
    /// Appends what was filled in. A value that asked for no container is an empty map.
    func emit(to writer: inout WireWriter) throws {
        if let failure { throw failure }
        if let single { return try emit(single, to: &writer) }
        guard kind == .array else { return try emitFields(to: &writer) }
        if !bytes.isEmpty {
            writer.writeHead(.bytes, count: bytes.count)
            return bytes.withUnsafeBytes { writer.writeRaw($0) }
        }
        try writer.writeContainer(.array, count: elements.count) { writer in
            for slot in elements { try emit(slot, to: &writer) }
        }
    }

    private func emit(_ slot: TreeSlot, to writer: inout WireWriter) throws {
        switch slot {
        case .written(let range): writer.writeRaw(UnsafeRawBufferPointer(rebasing: store.bytes[range]))
        case .node(let node): try node.emit(to: &writer)
        }
    }

    private func emitFields(to writer: inout WireWriter) throws {
        let fields = sortedFields
        try writer.writeContainer(.map, count: fields.count) { writer in
            for field in fields {
                writer.writeRaw(UnsafeRawBufferPointer(rebasing: store.bytes[field.key]))
                if field.isMarked { writer.writeTag(.some) }
                try emit(field.slot, to: &writer)
            }
        }
    }

    /// The fields in the order of their names' bytes, the last one of each name.
    private var sortedFields: [Field] {
        let bytes = store.bytes
        let order = fields.indices.sorted {
            let order = bytes.order(fields[$0].key, fields[$1].key)
            return order == 0 ? $0 < $1 : order < 0
        }
        var sorted: [Field] = []
        for field in order.lazy.map({ self.fields[$0] }) {
            if let last = sorted.last, bytes.order(last.key, field.key) == 0 { sorted.removeLast() }
            sorted.append(field)
        }
        return sorted
    }
}

extension [any CodingKey] {
    /// The path in an error's sentence.
    var readable: String {
        isEmpty ? "the top level" : map(\.stringValue).joined(separator: ".")
    }
}
