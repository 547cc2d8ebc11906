import Foundation
import Testing

@testable import LockstepFabric

@Suite("The choice of an RDMA port and address")
struct RDMAChoiceTests {
    @Test("prefers RoCE v2 over IPv4, then IPv6, then the link's own")
    func order() throws {
        let device = FakeDevice("rocep1")
        try device.add(gid: 0, "fe80:0000:0000:0000:0000:00ff:fe00:0001", "IB/RoCE v1")
        try device.add(gid: 1, "fe80:0000:0000:0000:0000:00ff:fe00:0001", "RoCE v2")
        #expect(try RDMAChoice(among: device.ports).address.index == 1)
        try device.add(gid: 2, "fd77:0000:0000:0000:0000:0000:0000:0001", "RoCE v2")
        #expect(try RDMAChoice(among: device.ports).address.text == "fd77::1")
        try device.add(gid: 3, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "IB/RoCE v1")
        try device.add(gid: 4, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2")
        try device.add(gid: 5, "0000:0000:0000:0000:0000:ffff:0a4d:0002", "RoCE v2")
        let choice = try RDMAChoice(among: device.ports)
        #expect(choice.address.index == 4)
        #expect(choice.reason == "rocep1:1, address 4: RoCE v2 over IPv4, 10.77.0.1, which routers know")
    }

    @Test("prefers the address at which the node is reached")
    func reached() throws {
        let (first, second) = (FakeDevice("mlx5_0"), FakeDevice("mlx5_1"))
        try first.add(gid: 0, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2")
        try second.add(gid: 0, "0000:0000:0000:0000:0000:ffff:0a4d:0002", "RoCE v2")
        try second.add(gid: 1, "fd77:0000:0000:0000:0000:0000:0000:0002", "RoCE v2")
        let ports = first.ports + second.ports
        #expect(try RDMAChoice(among: ports, reachedAt: "192.0.2.1").address.text == "10.77.0.1")
        #expect(try RDMAChoice(among: ports, reachedAt: "10.77.0.2").address.text == "10.77.0.2")
        #expect(try RDMAChoice(among: ports, reachedAt: "fd77::2").address.text == "fd77::2")
    }

    @Test("says to what others it leads")
    func reach() throws {
        let kinds = [
            ("0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2", "Ethernet"),
            ("fd77:0000:0000:0000:0000:0000:0000:0001", "RoCE v2", "Ethernet"),
            ("fe80:0000:0000:0000:0000:00ff:fe00:0001", "RoCE v2", "Ethernet"),
            ("fe80:0000:0000:0000:0000:00ff:fe00:0001", "IB", "InfiniBand"),
        ]
        let reaches = try kinds.map { gid, type, linkLayer in
            let device = FakeDevice("mlx5_0")
            try device.add(gid: 0, gid, type, linkLayer: linkLayer)
            return RDMAReach(try RDMAChoice(among: device.ports))
        }
        #expect(reaches.map(\.network) == [.roceOverIPv4, .roceOverIPv6, .roceOnOneLink, .infiniBand])
        #expect(reaches[0].interface == 0xFFFF_0A4D_0001 && reaches[1].subnet == 0xFD77_0000_0000_0000)
        for (place, reach) in reaches.enumerated() {
            for (other, otherReach) in reaches.enumerated() {
                #expect((reach.obstacle(to: otherReach) == nil) == (place == other))
            }
        }
        let elsewhere = RDMAReach(network: .infiniBand, subnet: 1, interface: 1)
        #expect(reaches[3].obstacle(to: elsewhere)?.contains("different subnets") == true)
    }

    @Test("is given up no sooner than the others give the node up")
    func patience() {
        #expect(VerbsSettings(givingUpAfter: .milliseconds(100)).timeout == 12)
        #expect(VerbsSettings(givingUpAfter: .seconds(3)).timeout == 17)
        #expect(VerbsSettings(givingUpAfter: .seconds(3600)).timeout == 24)
    }

    @Test("takes the one that is asked for, or none")
    func named() throws {
        let (first, second) = (FakeDevice("mlx5_0"), FakeDevice("mlx5_1"))
        for device in [first, second] {
            try device.add(gid: 0, "fe80:0000:0000:0000:0000:00ff:fe00:0001", "IB", linkLayer: "InfiniBand")
        }
        let ports = first.ports + second.ports
        #expect(try RDMAChoice(among: ports).port.device == "mlx5_0")
        #expect(try RDMAChoice(among: ports, device: "mlx5_1", port: 1).port.device == "mlx5_1")
        #expect(throws: FabricError.self) { try RDMAChoice(among: ports, device: "mlx5_1", port: 2) }
        let error = #expect(throws: FabricError.self) { try RDMAChoice(among: ports, device: "mlx5_7") }
        #expect(error?.description == "This host has no RDMA port mlx5_7:*. It has mlx5_0:1, mlx5_1:1.")
    }

    @Test("says why a port is of no use")
    func refusals() throws {
        #expect(throws: FabricError.self) { try RDMAChoice(among: []) }
        let down = FakeDevice("down")
        try down.add(gid: 0, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2", state: "1: DOWN")
        let unordered = FakeDevice("iwarp")
        try unordered.add(gid: 0, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2", nodeType: "4: RNIC")
        let old = FakeDevice("old")
        try old.add(gid: 0, "fe80:0000:0000:0000:0000:00ff:fe00:0001", "IB/RoCE v1")
        for (device, word) in [(down, "is down"), (unordered, "is iWARP"), (old, "no RoCE v2 address")] {
            let error = #expect(throws: FabricError.self) { try RDMAChoice(among: device.ports) }
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        }
        let good = FakeDevice("good")
        try good.add(gid: 0, "0000:0000:0000:0000:0000:ffff:0a4d:0001", "RoCE v2")
        #expect(try RDMAChoice(among: down.ports + good.ports).port.device == "good")
    }

    @Test("reads what the kernel shows, and passes over empty addresses")
    func reading() throws {
        let device = FakeDevice("rxe0")
        try device.add(gid: 0, "0000:0000:0000:0000:0000:0000:0000:0000", "RoCE v2")
        try device.add(gid: 10, "fe80:0000:0000:0000:0000:00ff:fe00:0001", "RoCE v2", interface: "eth0")
        let port = try #require(device.ports.first)
        #expect(port.rate == "100 Gb/sec (4X EDR)" && port.isActive && port.isOrdered && port.linkLayer == .ethernet)
        #expect(port.addresses.map(\.index) == [10])
        #expect(port.addresses[0].interface == "eth0")
        #expect(RDMAPort.all(in: "/nowhere").isEmpty)
    }
}

/// Files as the kernel shows them for a device.
private final class FakeDevice {
    private let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    private let name: String

    init(_ name: String) { self.name = name }

    deinit { try? FileManager.default.removeItem(at: root) }

    var ports: [RDMAPort] { RDMAPort.all(in: root.path) }

    func add(
        gid: Int, _ address: String, _ type: String, state: String = "4: ACTIVE", linkLayer: String = "Ethernet",
        nodeType: String = "1: CA", interface: String? = nil
    ) throws {
        let port = "\(name)/ports/1"
        try write(nodeType, to: "\(name)/node_type")
        try write(state, to: "\(port)/state")
        try write(linkLayer, to: "\(port)/link_layer")
        try write("100 Gb/sec (4X EDR)", to: "\(port)/rate")
        try write(address, to: "\(port)/gids/\(gid)")
        try write(type, to: "\(port)/gid_attrs/types/\(gid)")
        if let interface { try write(interface, to: "\(port)/gid_attrs/ndevs/\(gid)") }
    }

    private func write(_ text: String, to path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("\(text)\n".utf8).write(to: file)
    }
}
