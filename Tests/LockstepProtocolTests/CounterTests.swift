import Testing

@testable import LockstepProtocol

@Suite("A counter")
struct CounterTests {
    @Test("is read as it was written", arguments: [0, 1, 1 << 32, Counter.countMax])
    func roundTrip(count: UInt64) {
        let tag = ViewTag(view: 9)
        #expect(Counter.unpack(Counter.pack(count, tag), tag) == count)
    }

    @Test("of another view is not read", arguments: [0, 8, 10, 9 + 65_534] as [UInt64])
    func otherView(view: UInt64) {
        #expect(Counter.unpack(Counter.pack(7, ViewTag(view: view)), ViewTag(view: 9)) == nil)
    }

    @Test(
        "is not read from zeroed memory in any view", arguments: [0, 1, 65_534, 65_535, 65_536] as [UInt64])
    func zeroes(view: UInt64) {
        #expect(Counter.unpack(0, ViewTag(view: view)) == nil)
    }

    @Test("has a tag of 16 bits, which views 65,535 apart share")
    func tags() {
        #expect(ViewTag(view: 5) == ViewTag(view: 5 + 65_535))
        #expect(Set((0..<65_535).map { ViewTag(view: $0).bits }).count == 65_535)
        #expect((0..<65_535).allSatisfy { (1...65_535).contains(ViewTag(view: $0).bits) })
    }
}
