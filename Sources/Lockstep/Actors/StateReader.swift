/// Gives the properties of a replica as a snapshot has them. Code that ``Replicated(level:)`` generates asks it.
///
/// A property that the snapshot lacks keeps its value, and one that the replica lacks is passed over, so that
/// snapshots outlive changes to the actor.
public struct StateReader: Sendable {
    /// The name by which a snapshot tells its level, if that is not the first.
    static let levelName = "lockstep.level"

    private var saved: SavedState
    /// The level of the release that wrote the snapshot.
    private let level: Int

    /// Takes a snapshot apart.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged.
    package init(_ bytes: [UInt8]) throws {
        try self.init(ReplicaSnapshot(updates: 0, executed: [], state: bytes))
    }

    init(_ snapshot: ReplicaSnapshot) throws {
        saved = try SavedState(snapshot)
        level = try saved.read(Self.levelName) ?? 1
    }

    /// Checks that a release of a level can read the snapshot.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if a newer release wrote it.
    public func check(level: Int) throws {
        guard self.level > level else { return }
        throw LockstepError(
            .decodingFailed,
            "The snapshot is of level \(self.level), and this release reads no newer one than level \(level). Run a "
                + "release of level \(self.level) here.")
    }

    /// Runs a migration if the snapshot is of a lower level.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the migration, if it throws.
    public mutating func migrate(
        to level: Int, _ name: String, _ migration: (inout SavedState) throws -> Void
    ) throws {
        guard self.level < level else { return }
        do {
            try migration(&saved)
        } catch {
            throw LockstepError(
                .decodingFailed,
                "The migration \"\(name)\" from level \(self.level) to level \(level) failed: \(error)",
                cause: error)
        }
    }

    /// The value of a property, or another one where the snapshot has none.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property.
    public func read<Value: Codable & Sendable>(_ name: String, or current: Value) throws -> Value {
        try saved.read(name) ?? current
    }

    /// Checks a property that cannot be assigned.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property, if the snapshot has another value.
    public func check<Value: Codable & Sendable>(_ current: Value, named name: String) throws {
        let bytes = try WireWriter.bytes(of: current)
        let isSame = try saved.withBytes(of: name) { $0.elementsEqual(bytes) }
        guard isSame == false else { return }
        throw LockstepError(
            .decodingFailed,
            "The constant \"\(name)\" has another value in the snapshot; make both replicas with the same one.")
    }
}
