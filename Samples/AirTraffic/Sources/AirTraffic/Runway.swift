import Distributed
import Lockstep

/// The only runway. One terminal owns it at any time, and only that one may land a flight.
///
/// Every process has a copy, and all copies run the same calls in the same order: so all of them agree on the owner.
@Replicated
distributed actor Runway: ViewAware {
    private var owner: Owner?
    private var landings = 0

    /// A process that is started again is another owner, though it has the same name.
    struct Owner: Codable {
        let name: String
        let incarnation: UInt64
    }

    /// Gives the runway to the terminal that calls, if nobody has it. Returns who has it now.
    distributed func claim() -> String {
        let owner = owner ?? Owner(name: context.caller.name, incarnation: context.caller.incarnation)
        self.owner = owner
        return owner.name
    }

    /// Lands a flight of the terminal that calls, and returns how many have landed.
    distributed func land() throws -> Int {
        guard owner?.incarnation == context.caller.incarnation else { throw NotTheOwner(owner: owner?.name) }
        landings += 1
        return landings
    }

    /// Who is gone owns nothing. This runs on every copy at the same place, before any call of the new view.
    func viewChanged(_ view: GroupView) {
        if view.gone.contains(where: { $0.incarnation == owner?.incarnation }) { owner = nil }
    }
}

/// Thrown when a terminal that does not own the runway wants to land a flight.
struct NotTheOwner: Error, Codable {
    let owner: String?
}
