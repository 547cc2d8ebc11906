import Lockstep
import Testing

@testable import LockstepCommand

@Suite
struct SocketAddressTests {
    @Test(arguments: [("127.0.0.1:7400", true), ("127.0.0.2:1", true), ("[::1]:7400", true), ("192.0.2.1:7400", false)])
    func anAddressOfThisHostIsKnown(address: String, isOwn: Bool) throws {
        let address = try #require(NodeAddress(address))
        let resolved = try SocketAddress(address)
        #expect(resolved.numeric == address)
        #expect(resolved.isOfThisHost == isOwn)
    }

    @Test
    func theWayToALoopbackAddressBeginsAtOne() throws {
        let here = try SocketAddress(NodeAddress("127.0.0.2", port: 7400)).wayFromHere()?.numeric
        #expect(here?.host.hasPrefix("127.") == true)
    }

    @Test
    func namesAreResolved() throws {
        let host = try SocketAddress(NodeAddress("localhost", port: 80)).numeric?.host
        #expect(["127.0.0.1", "::1"].contains(host))
    }

    @Test
    func aNameThatIsNobodysIsSaid() {
        let error = #expect(throws: PerfFailure.self) { try SocketAddress(NodeAddress("nobody.invalid", port: 80)) }
        #expect(error?.description.hasPrefix("The host of nobody.invalid:80 cannot be found: ") == true)
    }
}
