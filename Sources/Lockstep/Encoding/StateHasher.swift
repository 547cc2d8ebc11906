/// Hashes the state of a replica. Equal states have equal hashes on every machine and in every run.
///
/// All NaNs are alike, since the bits of a computed one depend on the machine; zero and minus zero differ.
/// The order in which properties are combined does not matter, their names do.
public struct StateHasher: Sendable {
    private var sum: UInt64 = 0
    /// The hash of each property by itself, if that is asked for.
    private(set) var fields: [(name: String, nameHash: UInt64, hash: UInt64)] = []
    private let keepsFields: Bool

    /// No value is encoded as this byte: it stands for values that throw when they are encoded.
    private static let failure: UInt8 = 0xFF
    /// Memory on the stack, in which most properties fit.
    private static let scratchSize = 512

    /// Makes the hasher of an empty state.
    package init() { keepsFields = false }

    /// Makes a hasher that also keeps the hash of each property.
    init(keepingFields: Bool) { keepsFields = keepingFields }

    /// Adds a property.
    ///
    /// A value that throws when it is encoded counts as one fixed value. Replicas on which it throws have
    /// equal hashes, whatever it holds.
    public mutating func combine<T: Codable & Sendable>(_ value: T, named name: String) {
        combine(named: name) { try $0.write(value) }
    }

    /// The same for a value that somebody else writes.
    @inline(__always)
    mutating func combine(named name: String, _ write: (inout WireWriter) throws -> Void) {
        // A sum does not depend on the order.
        let hash = withUnsafeTemporaryAllocation(byteCount: Self.scratchSize, alignment: 8) { scratch in
            var writer = WireWriter(lent: scratch, unifiesNaN: true)
            name.write(to: &writer)
            let start = writer.count
            do {
                try write(&writer)
            } catch {
                writer.truncate(to: start)
                writer.writeByte(Self.failure)
            }
            return writer.withBytes { StableHash.of($0) }
        }
        sum &+= hash
        if keepsFields { fields.append((name, StableHash.of(name), hash)) }
    }

    /// The hash of what was combined.
    package func finalize() -> UInt64 {
        StableHash.mix(sum, 0)
    }
}

/// A 64-bit hash that is the same everywhere, for what is compared between machines. It is not for keys that
/// an adversary chooses.
package enum StableHash {
    // Odd numbers with about as many ones as zeros, from the digits of π.
    private static let first: UInt64 = 0x243F_6A88_85A3_08D3
    private static let second: UInt64 = 0x1319_8A2E_0370_7345
    private static let third: UInt64 = 0xA409_3822_299F_31D1

    /// Hashes bytes, eight at a step.
    package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var hash = seed ^ first
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = mix(hash, UInt64(littleEndian: word))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail << 8 | UInt64(bytes[offset])
            offset += 1
        }
        // The count tells a tail of zeros from none.
        return mix(mix(hash, tail), UInt64(bytes.count))
    }

    /// Hashes the UTF-8 of a text.
    static func of(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes { of($0) } }

    /// Folds a word into a hash: the halves of a full product, so that every bit reaches every other.
    package static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word ^ second).multipliedFullWidth(by: third)
        // Adding the hash again keeps it alive where the product is zero.
        return (product.high ^ product.low) &+ (hash << 29 | hash >> 35)
    }
}
