import Testing

@testable import Lockstep

@Suite("What a member registers is checked before it is used")
struct CatalogueTests {
    @Test func aPlaceInsideTheRegionIsValid() {
        #expect(ShardPlace(line: 8192, ring: 8256, ringSize: 4096).isValid(in: 1 << 20))
        #expect(ShardPlace(line: (1 << 20) - 64, ring: 0, ringSize: 1 << 20).isValid(in: 1 << 20))
    }

    @Test func aMemberThatDoesNotSendNeedsNoRing() {
        #expect(ShardPlace(line: 8192, ring: 8256, ringSize: 0).isValid(in: 1 << 20))
        #expect(ShardPlace(line: 8192, ring: 1 << 20, ringSize: 0).isValid(in: 1 << 20))
    }

    @Test(arguments: [
        ShardPlace(line: -64, ring: 0, ringSize: 4096),
        ShardPlace(line: 1 << 20, ring: 0, ringSize: 4096),
        ShardPlace(line: 8, ring: 0, ringSize: 4096),
        ShardPlace(line: 0, ring: (1 << 20) - 2048, ringSize: 4096),
        ShardPlace(line: 0, ring: .max & ~63, ringSize: 4096),
        ShardPlace(line: 0, ring: 0, ringSize: 5000),
        ShardPlace(line: 0, ring: 0, ringSize: 512),
        ShardPlace(line: 0, ring: (1 << 20) + 64, ringSize: 0),
        ShardPlace(line: -64, ring: 0, ringSize: 0),
        ShardPlace(line: 0, ring: 0, ringSize: .min),
        ShardPlace(line: 0, ring: 0, ringSize: 1 << 30),
    ])
    func aPlaceOutsideIsNot(_ place: ShardPlace) {
        #expect(!place.isValid(in: 1 << 20))
    }

    @Test func aRegistrationSurvivesTheWireAndGarbageDoesNot() throws {
        let schema = ActorSchema(type: "Ledger", methods: [])
        let place = ShardPlace(line: 8192, ring: 8256, ringSize: 4096)
        let bytes = try Registration(group: "g", schema: schema, place: place).encoded().bytes
        let read = try bytes.withUnsafeBytes { try Registration($0) }
        #expect(read.group == "g" && read.place == place && read.schema == schema)
        for count in bytes.indices {
            #expect(throws: (any Error).self) {
                _ = try bytes.prefix(count).withUnsafeBytes { try Registration($0) }
            }
        }
    }
}
