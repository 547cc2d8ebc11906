/// The arguments of one call, encoded.
public struct CallArguments: Sendable {
    private var writer = WireWriter()

    /// Makes the arguments of a call that has none yet.
    package init() {}

    /// What goes into the ring.
    package var bytes: [UInt8] { writer.bytes }

    /// How much memory it keeps.
    var capacity: Int { writer.bytes.capacity }

    /// Begins a call of a method, in the memory of the call before.
    mutating func begin(_ method: UInt32, baggage: [UInt8]?) {
        writer.removeAll()
        CallHeader(method: method, baggageSize: baggage?.count ?? 0).write(to: &writer)
        if let baggage { writer.writeRaw(baggage) }
    }

    /// Appends arguments that are encoded already.
    mutating func add(encoded other: CallArguments) { writer.writeRaw(other.writer.bytes) }

    /// Appends an argument.
    ///
    /// Equal arguments have equal bytes, whatever the order in which a set or a dictionary was filled. An
    /// error that `encode(to:)` throws is thrown as it is, and leaves the arguments before it.
    public mutating func add<T: Codable & Sendable>(_ value: T) throws {
        let count = writer.bytes.count
        do {
            try writer.write(value)
        } catch {
            writer.truncate(to: count)
            throw error
        }
    }
}
