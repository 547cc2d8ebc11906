/// Finds out whether the replicas of a group are still equal.
///
/// At versions that all members know, each hashes its state and tells the others in the order of the group. Whoever
/// gets a report compares it with its own of that version: it has executed everything that the reporter had.
struct StateAudit {
    /// The hashes of a state, in all and by property.
    struct Report: Sendable, Equatable {
        struct Field: Sendable, Equatable {
            /// The hash of its name.
            let name: UInt64
            let hash: UInt64
        }

        let version: UInt64
        let hash: UInt64
        let fields: [Field]
    }

    /// Versions between two reports; 0 for none.
    private let interval: UInt64
    /// So many of the versions are left out while hashing takes too much of the time, as a power of two.
    private var thinning: UInt64 = 0
    private var lastHashed: Int64 = 0
    /// The newest ones of this node, the latest last.
    private var own: [Report] = []
    private static let ownMax = 16
    /// The last version at which each other member had the same state.
    private var agreedVersions: [String: UInt64] = [:]
    private(set) var divergence: Divergence?
    /// The properties' names by their hashes.
    private var names: [UInt64: String] = [:]
    private let leavesOut: Bool

    init(interval: Int, leavesOut: Bool = true) {
        self.interval = UInt64(interval)
        self.leavesOut = leavesOut
    }

    /// True if the state of this version is to be hashed.
    @inline(__always)
    func isDue(_ version: UInt64) -> Bool {
        let step = interval << thinning
        // A division would take longer than many updates.
        return step & (step &- 1) == 0 ? step > 0 && version & (step &- 1) == 0 : version % step == 0
    }

    /// Notes the hash of a version; returns what the others have to know.
    mutating func note(_ hasher: StateHasher, version: UInt64, began: Int64, ended: Int64) -> Report {
        // Hashing may take a hundredth of the time.
        if leavesOut, ended - began > (began - lastHashed) / 100 {
            thinning = min(thinning + 1, 20)
        } else if thinning > 0, ended - began < (began - lastHashed) / 400 {
            thinning -= 1
        }
        lastHashed = ended
        if names.isEmpty { for field in hasher.fields { names[field.nameHash] = field.name } }
        let fields = hasher.fields.map { Report.Field(name: $0.nameHash, hash: $0.hash) }
        let report = Report(version: version, hash: hasher.finalize(), fields: fields)
        own.append(report)
        if own.count > Self.ownMax { own.removeFirst() }
        return report
    }

    /// Compares another member's report with this node's; true if that is how a difference was found.
    mutating func compare(_ report: Report, of member: String) -> Bool {
        guard let mine = own.first(where: { $0.version == report.version }), divergence == nil else { return false }
        let differences = mine.differences(from: report)
        guard !differences.isEmpty else {
            agreedVersions[member] = report.version
            return false
        }
        let first = (agreedVersions[member] ?? 0) + 1
        divergence = Divergence(
            member: member, versions: first...report.version, properties: differences.compactMap { names[$0] }.sorted()
        )
        return true
    }
}

extension StateAudit.Report {
    /// The properties that both have and that differ, by the hashes of their names. Another release may have others.
    fileprivate func differences(from other: StateAudit.Report) -> [UInt64] {
        guard hash != other.hash else { return [] }
        let theirs = Dictionary(other.fields.map { ($0.name, $0.hash) }) { first, _ in first }
        return fields.filter { field in theirs[field.name].map { $0 != field.hash } ?? false }.map(\.name)
    }
}

/// Two replicas that are not equal any more.
public struct Divergence: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The member whose replica differs from this node's.
    public let member: String
    /// The updates among which the difference arose: before them the replicas were equal.
    public let versions: ClosedRange<UInt64>
    /// The stored properties that differ, as far as they can be told.
    public let properties: [String]

    /// Such as `the replica of b differs in "stock" since one of the updates 1 to 1024`.
    public var description: String {
        let names = properties.isEmpty ? "" : " in " + properties.map { "\"\($0)\"" }.joined(separator: ", ")
        return "the replica of \(member) differs\(names) since one of the updates \(versions.lowerBound) to "
            + "\(versions.upperBound)"
    }
}

// MARK: - On the wire

extension StateAudit.Report {
    /// What goes into the ring.
    var message: [UInt8] {
        var writer = WireWriter()
        CallHeader(.report).write(to: &writer)
        writer.writeFixed(version)
        writer.writeFixed(hash)
        for field in fields {
            writer.writeFixed(field.name)
            writer.writeFixed(field.hash)
        }
        return writer.bytes
    }

    /// Reads a message; nil if it is none.
    init?(_ payload: UnsafeRawBufferPointer) {
        let words = (payload.count - CallHeader.size) / 8
        guard words >= 2, words % 2 == 0, (payload.count - CallHeader.size) % 8 == 0 else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: CallHeader.size + index * 8, as: UInt64.self))
        }
        version = word(0)
        hash = word(1)
        fields = stride(from: 2, to: words, by: 2).map { Field(name: word($0), hash: word($0 + 1)) }
    }
}
