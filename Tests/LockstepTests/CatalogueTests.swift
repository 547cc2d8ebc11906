import Testing

@testable import Lockstep

@Suite("What a member registers is checked before it is used")
struct CatalogueTests {
    @Test func aPlaceInsideTheRegionIsValid() {
        #expect(ShardPlace(lines: 8192, rings: 8256, ringSize: 4096).isValid(in: 1 << 20))
        #expect(ShardPlace(lines: (1 << 20) - 128, rings: 0, ringSize: 1 << 19).isValid(in: 1 << 20))
    }

    @Test func aMemberThatDoesNotSendNeedsNoRing() {
        #expect(ShardPlace(lines: 8192, rings: 8256, ringSize: 0).isValid(in: 1 << 20))
        #expect(ShardPlace(lines: 8192, rings: 1 << 20, ringSize: 0).isValid(in: 1 << 20))
    }

    @Test(arguments: [
        ShardPlace(lines: -64, rings: 0, ringSize: 4096),
        ShardPlace(lines: 1 << 20, rings: 0, ringSize: 4096),
        ShardPlace(lines: 8, rings: 0, ringSize: 4096),
        ShardPlace(lines: 0, rings: (1 << 20) - 4096, ringSize: 4096),
        ShardPlace(lines: 0, rings: .max & ~63, ringSize: 4096),
        ShardPlace(lines: 0, rings: 0, ringSize: 5000),
        ShardPlace(lines: 0, rings: 0, ringSize: 512),
        ShardPlace(lines: 0, rings: (1 << 20) + 64, ringSize: 0),
        ShardPlace(lines: -64, rings: 0, ringSize: 0),
        ShardPlace(lines: 0, rings: 0, ringSize: .min),
        ShardPlace(lines: 0, rings: 0, ringSize: 1 << 30),
    ])
    func aPlaceOutsideIsNot(_ place: ShardPlace) {
        #expect(!place.isValid(in: 1 << 20))
    }

    @Test func aRegistrationSurvivesTheWireAndGarbageDoesNot() throws {
        let schema = ActorSchema(type: "Ledger", methods: [])
        let place = ShardPlace(lines: 8192, rings: 8256, ringSize: 4096)
        let update = CatalogueUpdate.host(Registration(group: "g", schema: schema, place: place))
        let bytes = try update.encoded().bytes
        guard case .host(let read) = try bytes.withUnsafeBytes({ try CatalogueUpdate($0) }) else {
            Issue.record("a registration must be read as one")
            return
        }
        #expect(read.group == "g" && read.place == place && read.schema == schema)
        for count in bytes.indices {
            #expect(throws: (any Error).self) {
                _ = try bytes.prefix(count).withUnsafeBytes { try CatalogueUpdate($0) }
            }
        }
    }
}
