import Foundation
import Testing

@testable import LockstepCommand

@Suite("What the doctor finds")
struct FindingTests {
    @Test("is printed with its mend below it, and as JSON")
    func output() {
        let finding = Finding.warning("There is \"one\" core.", mend: "Give it two.")
        #expect(finding.text.hasSuffix("There is \"one\" core.\n      Give it two.\n"))
        #expect(finding.json.line == #"{"grade":"warning","fact":"There is \"one\" core.","mend":"Give it two."}"#)
        #expect(Finding.good("Well.").json.line == #"{"grade":"good","fact":"Well.","mend":null}"#)
    }

    @Test("depends on the host")
    func host() {
        #expect(Finding.kernel(canWait: true).grade == .good)
        #expect(Finding.kernel(canWait: false).grade == .bad)
        #expect(Finding.cores(1).grade == .warning)
        #expect(Finding.cores(2).grade == .good)
        #expect(Finding.numa(nodes: -95).grade == .warning)
        #expect(Finding.numa(nodes: 2).fact.hasPrefix("There are 2 NUMA nodes"))
        #expect(Finding.clock("hpet").grade == .warning)
        #expect(Finding.clock("tsc").grade == .good)
        #expect(Finding.clock(nil).grade == .good)
    }

    @Test("depends on the memory that may be locked")
    func lockedMemory() {
        #expect(Finding.lockedMemory(limit: 8 << 20, isRoot: false).grade == .bad)
        #expect(Finding.lockedMemory(limit: 8 << 20, isRoot: true).grade == .good)
        #expect(Finding.lockedMemory(limit: 1 << 34, isRoot: false).grade == .good)
        #expect(Finding.lockedMemory(limit: .max, isRoot: false).grade == .good)
    }

    @Test("names each port of a device with the address that is advised")
    func ports() throws {
        let files = KernelFiles()
        try files.addDevice("mlx5_0", interface: "eth0", mtu: 1500)
        let findings = Finding.ofRDMA(root: files.root)
        let facts = findings.map(\.fact)
        #expect(facts.contains("mlx5_0:1 is Ethernet, 100 Gb/sec (4X EDR), and up."))
        #expect(facts.contains("mlx5_0:1 address 0: RoCE v2 fe80::1 on eth0."))
        #expect(facts.contains("mlx5_0:1 address 1: RoCE v2 10.77.0.1 on eth0, which is advised."))
        #expect(facts.contains("mlx5_0:1 is at NUMA node 1, whose distances to all nodes are 21 10."))
        #expect(findings.contains { $0.grade == .warning && $0.mend?.hasSuffix("ip link set eth0 mtu 4200") == true })
        #expect(findings.contains { $0.grade == .bad && $0.fact.contains("uverbs0: No such file") })
        #expect(findings.contains { $0.grade == .warning && $0.fact.contains("huge pages") })
    }

    @Test("says what is the matter with a port")
    func downPort() throws {
        let files = KernelFiles()
        try files.addDevice("mlx5_0", interface: "eth0", mtu: 9000, state: "1: DOWN")
        let finding = try #require(Finding.ofRDMA(root: files.root).first { $0.fact.hasPrefix("mlx5_0:1") })
        #expect(finding.grade == .warning && finding.mend?.contains("is down") == true)
    }

    @Test("depends on how two processes get on with each other")
    func fabrics() {
        #expect(Finding.fabric(.tcp, latency: Percentiles(count: 1, p50: 20_000)).grade == .good)
        #expect(Finding.fabric(.tcp, latency: Percentiles(count: 1, p50: 20_000_000)).grade == .warning)
        let failure = Finding.fabric(.verbs, failure: "Install it.")
        #expect(failure.grade == .bad && failure.mend == "Install it.")
    }

    @Test("is a note where there is no device")
    func noDevice() {
        #expect(Finding.ofRDMA(root: "/nowhere/").map(\.grade) == [.warning])
    }
}

/// Files as the kernel shows them.
private final class KernelFiles {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    var root: String { "\(folder.path)/" }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func addDevice(_ name: String, interface: String, mtu: Int, state: String = "4: ACTIVE") throws {
        let device = "sys/class/infiniband/\(name)"
        let port = "\(device)/ports/1"
        let texts = [
            "\(device)/node_type": "1: CA", "\(device)/device/numa_node": "1", "\(port)/state": state,
            "\(port)/link_layer": "Ethernet", "\(port)/rate": "100 Gb/sec (4X EDR)",
            "\(port)/gids/0": "fe80:0000:0000:0000:0000:0000:0000:0001",
            "\(port)/gids/1": "0000:0000:0000:0000:0000:ffff:0a4d:0001",
            "sys/class/infiniband_verbs/uverbs0/ibdev": name, "sys/class/net/\(interface)/mtu": "\(mtu)",
            "sys/devices/system/node/node1/distance": "21 10",
            "sys/kernel/mm/transparent_hugepage/shmem_enabled": "always within_size advise [never] deny force",
        ]
        for (path, text) in texts { try write(text, to: path) }
        for index in 0...1 {
            try write("RoCE v2", to: "\(port)/gid_attrs/types/\(index)")
            try write(interface, to: "\(port)/gid_attrs/ndevs/\(index)")
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("\(text)\n".utf8).write(to: file)
    }
}
