import Lockstep
import LockstepFabric
import Testing

@Suite("Addresses of nodes")
struct NodeAddressTests {
    @Test(arguments: [
        ("10.0.0.7:7400", NodeAddress("10.0.0.7", port: 7400)),
        ("host.example:0", NodeAddress("host.example", port: 0)),
        ("[fd00::7]:65535", NodeAddress("fd00::7", port: 65_535)),
    ])
    func areReadAsTheyAreWritten(text: String, address: NodeAddress) {
        #expect(NodeAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: ["", ":7400", "host", "host:", "host:x", "host:-1", "host:65536", "fd00::7:7400", "[]:1"])
    func areNothingElse(text: String) { #expect(NodeAddress(text) == nil) }
}

@Suite("A node's place in the network")
struct NetworkConfigurationTests {
    private let whole: NodeConfiguration

    init() {
        var configuration = NodeConfiguration(cluster: "c", name: "n", expecting: 1)
        configuration.fabric = .tcp(.plaintext)
        configuration.listen = "127.0.0.1:0"
        configuration.seeds = ["127.0.0.1:7400"]
        whole = configuration
    }

    @Test func needsAnAddressAndSeedsForTCP() async {
        for change in [
            { $0.listen = nil }, { $0.seeds = [] }, { $0.seeds = ["127.0.0.1:0"] }, { $0.listen = "0.0.0.0:7400" },
            { $0.seeds = ["127.0.0.1:7400", "127.0.0.1:7401"] },
        ] as [(inout NodeConfiguration) -> Void] {
            await expectRefusal(change)
        }
    }

    @Test(.enabled(if: RDMAPort.all().isEmpty)) func needsADeviceForRDMA() async {
        let error = await refusal { $0.fabric = .verbs(.plaintext) }
        #expect(error?.message.contains("Install rdma-core") == true)
        await expectRefusal { ($0.fabric, $0.listen) = (.verbs(.plaintext), nil) }
    }

    @Test func isNoneForSharedMemory() async {
        await expectRefusal { $0.fabric = .sharedMemory }
    }

    private func changed(_ change: (inout NodeConfiguration) -> Void) -> NodeConfiguration {
        var configuration = whole
        change(&configuration)
        return configuration
    }

    private func expectRefusal(_ change: (inout NodeConfiguration) -> Void) async {
        #expect(await refusal(change)?.code == .invalidConfiguration)
    }

    private func refusal(_ change: (inout NodeConfiguration) -> Void) async -> LockstepError? {
        let configuration = changed(change)
        return await #expect(throws: LockstepError.self) { _ = try await Node.join(configuration) }
    }
}
