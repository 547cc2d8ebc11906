import Testing

@testable import Lockstep

@Suite("What updates have left, as state")
struct EffectStateTests {
    private func effects(timers: Int, outbox: Int) throws -> Effects {
        var effects = Effects()
        for number in 0..<timers {
            // Later ones are due earlier.
            let timer = Timers.Timer(due: Timestamp(nanoseconds: Int64(timers - number)), call: [UInt8(number % 256)])
            try effects.timers.set(timer, at: place(number))
        }
        for number in 0..<outbox {
            let target = number % 3 == 0 ? nil : Outbox.Target(group: GroupID("\(number % 3)"), type: "A")
            try effects.outbox.add(Outbox.Entry(target: target, bytes: [1]), at: place(timers + number))
        }
        effects.forwarded.note(EffectID(group: "other", place: place(4)), failure: "no")
        return effects
    }

    private func place(_ number: Int) -> EffectID.Place {
        EffectID.Place(version: UInt64(number / 10), index: number % 10)
    }

    private func hash(_ effects: Effects) -> UInt64 {
        var hasher = StateHasher()
        effects.hash(into: &hasher)
        return hasher.finalize()
    }

    private func restored(_ effects: Effects) throws -> Effects {
        var writer = StateWriter()
        effects.write(to: &writer)
        return try Effects(from: StateReader(writer.finish().encoded()))
    }

    private func proposed(_ effects: inout Effects, at time: Int64) -> [EffectID.Place] {
        var places: [EffectID.Place] = []
        effects.timers.proposeDue(at: Timestamp(nanoseconds: time)) { place in
            places.append(place)
            return true
        }
        return places
    }

    @Test func isEqualAfterARestore() throws {
        var before = try effects(timers: 100, outbox: 50)
        var after = try restored(before)
        #expect(hash(before) == hash(after))
        let due = [proposed(&before, at: 1000), proposed(&after, at: 1000)]
        #expect(due[0].count == 100 && due[0] == due[1])
        let ready = [before.outbox.takeReady { _ in false }, after.outbox.takeReady { _ in false }]
        #expect(ready[0].count == 18 && Set(ready[0].map(\.0)) == Set(ready[1].map(\.0)))
        #expect(after.forwarded.outcome(of: EffectID(group: "other", place: place(4)))?.failure == "no")
        #expect(after.forwarded.outcome(of: EffectID(group: "other", place: place(5))) == nil)
    }

    @Test func hashesAlikeOnlyIfItIsEqual() throws {
        var effects = try effects(timers: 2, outbox: 2)
        var hashes = [hash(Effects()), hash(effects)]
        let taken = effects.timers.take(place(0))
        let timer = try #require(taken)
        hashes.append(hash(effects))
        let isRemoved = effects.outbox.remove(place(3))
        #expect(isRemoved)
        hashes.append(hash(effects))
        #expect(Set(hashes).count == 4)
        try effects.timers.set(timer, at: place(0))
        #expect(!hashes.contains(hash(effects)))
    }

    @Test func proposesTimersInTheOrderOfTimeAndOnce() throws {
        var effects = try effects(timers: 30, outbox: 0)
        let due = [proposed(&effects, at: 10), proposed(&effects, at: 10)]
        #expect(due == [(20..<30).reversed().map(place), []])
        let next = effects.timers.nextDue()
        #expect(next == Timestamp(nanoseconds: 11))
        // Another member may not have heard of the proposals.
        effects.takeOver()
        let again = proposed(&effects, at: 10)
        #expect(again == due[0])
    }

    @Test func forgetsTimersThatAreTakenBack() throws {
        var effects = try effects(timers: 10_000, outbox: 0)
        for number in 1..<10_000 { _ = effects.timers.take(place(number)) }
        #expect(effects.timers.count == 1)
        let left = proposed(&effects, at: .max)
        #expect(left == [place(0)])
    }

    @Test func beginsOneCallOfAGroupAtATime() throws {
        var effects = try effects(timers: 0, outbox: 50)
        let begun = Set(effects.outbox.takeReady { _ in false }.map(\.0))
        #expect(begun.count == 18)
        let removed = [effects.outbox.remove(place(1)), effects.outbox.remove(place(1))]
        #expect(removed == [true, false])
        let next = effects.outbox.takeReady { begun.contains($0) }.map(\.0)
        #expect(next == [place(4)])
    }
}
