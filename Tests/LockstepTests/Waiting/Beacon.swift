import Lockstep

/// An actor that tells what happens to it, and that can be waited for.
@Replicated
distributed actor Beacon: ViewAware {
    enum Change: Codable, Sendable, Equatable {
        case lit(Int)
        case seen(members: Int)
    }

    struct Broken: Error, Codable {}

    private var level = 0
    private var members = 0

    distributed func light(_ level: Int) -> UInt64 {
        self.level = level
        publish(.lit(level))
        return context.version
    }

    distributed func flash(_ levels: [Int]) {
        for level in levels { publish(.lit(level)) }
        level = levels.last ?? level
    }

    distributed func dim() { level = 0 }

    func viewChanged(_ view: GroupView) {
        members = view.replicas.count
        publish(.seen(members: members))
    }

    @Query
    distributed func reached(_ level: Int) -> Bool { self.level >= level }

    @Query
    distributed func brightness(above level: Int) -> Int? { self.level > level ? self.level : nil }

    @Query
    distributed func checked(_ level: Int) throws -> Bool {
        guard self.level < level else { throw Broken() }
        return false
    }

    distributed var audience: Int { members }
}

extension Changes {
    /// The first so many.
    func first(_ count: Int) async throws -> [Publication<Replica.Change>] {
        var found: [Publication<Replica.Change>] = []
        for try await publication in self {
            found.append(publication)
            if found.count == count { break }
        }
        return found
    }
}
