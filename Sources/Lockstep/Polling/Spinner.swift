import CLockstep
import Glibc

/// Decides, on a poller's thread, whether it may spin when it has nothing to do.
///
/// It spins only while it owns its core: nobody else has claimed the core, no quota rations its time, and the kernel
/// does not give the core to others for long. Otherwise it gives way to them a few times and then parks, because a thread
/// that spins on a shared core keeps those from running whom it waits for. All that ends a moment after the last work,
/// so an idle node uses no processor time.
struct Spinner: ~Copyable {
    /// Turns between two looks at the clock.
    private static let turnsPerLook = 32

    private let isRationed = ProcessorQuota.exists
    private var policy = SpinPolicy()
    private var lost = LostTime()
    private var claim: CoreClaim?
    private var hasWorked = false
    private var turnsToLook = 0
    private var yields = YieldPolicy()

    /// The core that the thread owns.
    var core: Int? {
        switch claim {
        case .some(let claim): claim.core
        case .none: nil
        }
    }

    /// The time on the monotonic clock until which the thread may park: it owns a core, and has to give it back then.
    var parkLimit: Int64? { policy.idleDeadline }

    /// A turn has done something.
    mutating func noteWork() {
        hasWorked = true
        yields.noteWork()
    }

    /// After a turn that did nothing: true if it shall look again, after a pause of the core; false if it shall park.
    mutating func mayTurnAgain() -> Bool {
        if turnsToLook > 0 {
            turnsToLook -= 1
        } else {
            guard maySpin() else { return mayYield() }
            turnsToLook = Self.turnsPerLook - 1
        }
        lockstep_pause()
        return true
    }

    private mutating func mayYield() -> Bool {
        let start = now()
        guard yields.mayYield(at: start) else { return false }
        sched_yield()
        let end = now()
        yields.note(wait: end - start, until: end)
        return true
    }

    /// Gives the core back; it may be owned again after more work.
    mutating func release() {
        claim = nil
        policy.end(at: now())
        turnsToLook = 0
    }

    private mutating func maySpin() -> Bool {
        guard !isRationed else { return false }
        let now = now()
        defer { hasWorked = false }
        switch policy.step(at: now, hasWorked: hasWorked) {
        case .spin:
            return true
        case .park:
            return false
        case .giveBack:
            claim = nil
            return false
        case .sample:
            let isUndisturbed = policy.sample(lost: lost.total(), at: now)
            return isUndisturbed && ownsPlace(at: now)
        case .claim:
            guard ownsPlace(at: now) else { return false }
            policy.own(lost: lost.total(), at: now)
            return true
        }
    }

    /// Owns the core that the thread runs on, or another one that it then moves to; the scheduler may have moved it.
    private mutating func ownsPlace(at now: Int64) -> Bool {
        let isOwner = claimPlace()
        if !isOwner {
            claim = nil
            policy.backOff(at: now)
        }
        return isOwner
    }

    private mutating func claimPlace() -> Bool {
        let here = CoreSet.current
        if core == here { return true }
        // On its only core, a thread that spins would keep everybody else of its process waiting.
        guard let allowed = CoreSet.ofThisThread, allowed.count > 1 else { return false }
        if let free = CoreClaim(core: here) {
            claim = consume free
            return true
        }
        if let core, allowed.moveThisThread(to: core) { return true }
        for core in allowed.others(than: here) {
            guard let free = CoreClaim(core: core), allowed.moveThisThread(to: core) else { continue }
            claim = consume free
            return true
        }
        return false
    }
}
