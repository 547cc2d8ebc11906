/// Gives the properties of a replica as a snapshot has them. Code that ``Replicated(level:)`` generates asks it.
///
/// A property that the snapshot lacks keeps its value, and one that the replica lacks is passed over, so that
/// snapshots outlive changes to the actor.
public struct StateReader: Sendable {
    /// The name by which a snapshot tells its level, if that is not the first.
    static let levelName = "lockstep.level"

    private var source: Source
    /// The level of the release that wrote the snapshot.
    private let level: Int

    private enum Source: Sendable {
        case saved(SavedState)
        /// What is not here yet.
        case stream(StateStream)
    }

    /// Takes a snapshot apart.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged.
    package init(_ bytes: [UInt8]) throws {
        let saved = try SavedState(bytes)
        source = .saved(saved)
        level = try saved.read(Self.levelName) ?? 1
    }

    /// Reads a snapshot that another node gives, as it comes.
    init(_ stream: StateStream) throws {
        source = .stream(stream)
        level = try stream.nextName == Self.levelName ? try stream.read(Self.levelName) ?? 1 : 1
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
        var saved =
            switch source {
            case .saved(let saved): saved
            case .stream(let stream): try stream.gather()
            }
        defer { source = .saved(saved) }
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
        let value: Value? =
            switch source {
            case .saved(let saved): try saved.read(name)
            case .stream(let stream): try stream.read(name)
            }
        return value ?? current
    }

    /// Checks a property that cannot be assigned.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property, if the snapshot has another value.
    public func check<Value: Codable & Sendable>(_ current: Value, named name: String) throws {
        let bytes = try WireWriter.bytes(of: current)
        let given: [UInt8]? =
            switch source {
            case .saved(let saved): try saved.withBytes(of: name) { Array($0) }
            case .stream(let stream): try stream.bytes(of: name)
            }
        guard let given, given != bytes else { return }
        throw LockstepError(
            .decodingFailed,
            "The constant \"\(name)\" has another value in the snapshot; make both replicas with the same one.")
    }
}
