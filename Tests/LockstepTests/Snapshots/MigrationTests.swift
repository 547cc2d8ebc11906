import LockstepTesting
import Testing

@testable import Lockstep

/// One actor in three releases.
@Replicated
private distributed actor Prices {
    var euros = ["bolt": 3]
    var owner = "Ada Lovelace"
    var discount = 0.25
}

@Replicated(level: 2)
private distributed actor LaterPrices {
    var cents = ["nut": 5]
    var owner = "Grace Hopper"
    var discount = 25
}

@Replicated(level: 3)
private distributed actor LatestPrices {
    var cents: [String: Int] = [:]
    var firstName = ""
    var lastName = ""
    var discount = 0

    @Migration(to: 2)
    private static func centsForEuros(_ state: inout SavedState) throws {
        let euros = try state.read("euros", as: [String: Int].self) ?? [:]
        try state.write(euros.mapValues { $0 * 100 }, named: "cents")
    }

    @Migration(to: 2)
    private static func percentForShare(_ state: inout SavedState) throws {
        try state.write(Int((state.read("discount", as: Double.self) ?? 0) * 100), named: "discount")
    }

    @Migration(to: 3)
    private static func namesForOwner(_ saved: inout SavedState) throws {
        let names = try saved.read("owner", as: String.self)?.split(separator: " ").map(String.init) ?? []
        try saved.write(names.first ?? "", named: "firstName")
        try saved.write(names.last ?? "", named: "lastName")
    }
}

/// A release with a mistake.
@Replicated(level: 2)
private distributed actor WrongPrices {
    var owner = "nobody"

    @Migration(to: 2)
    private static func ownerNumber(_ state: inout SavedState) throws {
        try state.write("", named: "owner")
        _ = try state.read("euros", as: Int.self)
    }
}

@Suite("State that an earlier release has saved")
struct MigrationTests {
    @Test func isBroughtToTheLevelStepByStep() async throws {
        try await withReplicas({ Prices(actorSystem: $0) }, { LatestPrices(actorSystem: $0) }) { old, new in
            try await new.restore(try await old.snapshot())
            #expect(await new.whenLocal { $0.cents } == ["bolt": 300])
            #expect(await new.whenLocal { $0.discount } == 25)
            #expect(await new.whenLocal { [$0.firstName, $0.lastName] } == ["Ada", "Lovelace"])
        }
    }

    @Test func isNotMigratedToALevelThatItHas() async throws {
        try await withReplicas({ LaterPrices(actorSystem: $0) }, { LatestPrices(actorSystem: $0) }) { old, new in
            try await new.restore(try await old.snapshot())
            #expect(await new.whenLocal { $0.cents } == ["nut": 5])
            #expect(await new.whenLocal { $0.discount } == 25)
            #expect(await new.whenLocal { [$0.firstName, $0.lastName] } == ["Grace", "Hopper"])

            try await new.restore(try await new.snapshot())
            #expect(await new.whenLocal { $0.lastName } == "Hopper")
        }
    }

    @Test func ofALaterReleaseIsRefusedInWords() async throws {
        try await withReplicas({ LatestPrices(actorSystem: $0) }, { Prices(actorSystem: $0) }) { new, old in
            let snapshot = try await new.snapshot()
            let error = await #expect(throws: LockstepError.self) { try await old.restore(snapshot) }
            #expect(error?.code == .decodingFailed)
            #expect(
                error?.message == "The snapshot is of level 3, and this release reads no newer one than level 1. "
                    + "Run a release of level 3 here.")
            #expect(await old.whenLocal { $0.owner } == "Ada Lovelace")
        }
    }

    @Test func thatCannotBeMigratedNamesTheMigrationAndChangesNothing() async throws {
        try await withReplicas({ Prices(actorSystem: $0) }, { WrongPrices(actorSystem: $0) }) { old, new in
            let snapshot = try await old.snapshot()
            let error = await #expect(throws: LockstepError.self) { try await new.restore(snapshot) }
            #expect(error?.code == .decodingFailed)
            #expect(error?.message.contains("The migration \"ownerNumber\" from level 1 to level 2 failed: ") == true)
            #expect(error?.message.contains("The property \"euros\" of the snapshot cannot be decoded") == true)
            #expect(await new.whenLocal { $0.owner } == "nobody")
        }
    }
}
