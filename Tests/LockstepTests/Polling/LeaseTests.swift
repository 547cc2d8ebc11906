import Testing

@testable import Lockstep

@Suite("A lease")
struct LeaseTests {
    @Test func lastsUntilItsEnd() {
        let lease = Lease()
        #expect(!lease.holds)
        _ = lease.set(until: now() + 60_000_000_000)
        #expect(lease.holds && lease.age == 0)
        _ = lease.set(until: .max)
        #expect(lease.holds && lease.age == 0)
    }

    @Test func agesFromItsEnd() {
        let lease = Lease()
        let end = now() - 5_000_000_000
        _ = lease.set(until: end)
        #expect(!lease.holds && lease.age >= 5_000_000_000)
        // Who has no lease any more knows nothing newer.
        _ = lease.set(until: .min)
        _ = lease.set(until: .min)
        #expect(lease.age >= 5_000_000_000)
    }

    /// The others may go on without a member that has wedged its view, whatever they have promised before.
    @Test func agesFromWhenItIsGivenUp() {
        let lease = Lease()
        _ = lease.set(until: now() + 60_000_000_000)
        let before = now()
        _ = lease.set(until: .min)
        let age = lease.age
        #expect(!lease.holds && age >= 0 && age <= now() - before)
    }
}
