import Lockstep
import Testing

@testable import LockstepCommand

@Suite
struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:7400", "127.0.0.2:1"])
    func theWayToThisHostIsItsOwnAddress(address: String) throws {
        let address = try #require(NodeAddress(address))
        let resolved = try SocketAddress(address)
        #expect(resolved.numeric == address)
        let here = try #require(resolved.wayFromHere()?.numeric)
        #expect(here.host == address.host)
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
