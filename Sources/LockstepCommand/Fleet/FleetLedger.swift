import Distributed
import Lockstep

/// The actor of a fleet: it knows of every caller how far it got, so that an update that is lost or runs twice is seen.
@Replicated
distributed actor FleetLedger {
    private var noted = FleetAccount()
    private var ballast: [UInt8] = []
    private var finishers: [String] = []

    /// Notes an update of a caller, who has the result of the one before.
    ///
    /// - Parameter attempt: Grows when the caller does not know what became of the update, and sends it again.
    distributed func note(_ sequence: UInt64, attempt: UInt64, of caller: UInt64) {
        noted.note(sequence, attempt: attempt, of: caller)
    }

    /// Makes the state some bytes larger, of all that it will be made larger.
    distributed func fill(_ bytes: Int, of all: Int) {
        ballast.reserveCapacity(all)
        ballast.append(contentsOf: repeatElement(0x5A, count: bytes))
    }

    /// Says that a member has made its last update.
    distributed func finish(_ member: String) {
        if !finishers.contains(member) { finishers.append(member) }
    }

    /// The members that have made their last update.
    @Query
    distributed func finished() -> [String] { finishers }

    /// What was noted of all callers.
    @Query
    distributed func account() -> FleetAccount { noted }
}
