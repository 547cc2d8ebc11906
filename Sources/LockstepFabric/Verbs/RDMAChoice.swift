/// Which port and which of its addresses a node uses, and why.
package struct RDMAChoice: Sendable, Equatable {
    package let port: RDMAPort
    package let address: RDMAAddress
    /// For people.
    package let reason: String

    /// Chooses among the ports of this host.
    ///
    /// - Parameters:
    ///   - device: The device to use; any if nil.
    ///   - number: The port of it to use; any if nil.
    ///   - host: An IP address of this host that others reach. A port that has it goes before others.
    package init(
        among ports: [RDMAPort], device: String? = nil, port number: Int? = nil, reachedAt host: String? = nil
    ) throws(FabricError) {
        guard !ports.isEmpty else {
            throw FabricError(
                """
                This host has no RDMA device. Install rdma-core and load the device's driver, or use another fabric.
                """,
                isConfiguration: true
            )
        }
        let named = ports.filter { (device ?? $0.device) == $0.device && (number ?? $0.number) == $0.number }
        guard !named.isEmpty else {
            let names = ports.map { "\($0.device):\($0.number)" }.joined(separator: ", ")
            throw FabricError(
                "This host has no RDMA port \(device ?? "*"):\(number.map(String.init) ?? "*"). It has \(names).",
                isConfiguration: true
            )
        }
        var refusals: [String] = []
        var best: RDMAChoice?
        for port in named {
            do {
                let choice = try RDMAChoice(port, reachedAt: host)
                if best.map({ $0.rank(at: host) < choice.rank(at: host) }) ?? true { best = choice }
            } catch {
                refusals.append(error.description)
            }
        }
        guard let best else { throw FabricError(refusals.joined(separator: " "), isConfiguration: true) }
        self = best
    }

    /// The best address of one port.
    package init(_ port: RDMAPort, reachedAt host: String? = nil) throws(FabricError) {
        let name = "The RDMA port \(port.device):\(port.number)"
        guard port.isOrdered else {
            throw FabricError("\(name) is iWARP, which places writes in any order. Use RoCE v2, InfiniBand or TCP.")
        }
        guard port.isActive else {
            throw FabricError("\(name) is down. Connect its cable and bring its network interface up.")
        }
        guard
            let address = port.addresses.max(by: {
                ($0.rank(at: host), $1.index) < ($1.rank(at: host), $0.index)
            }), address.rank(at: host) > 0
        else {
            throw FabricError(
                port.linkLayer == .ethernet
                    ? "\(name) has no RoCE v2 address. Give its network interface an IP address."
                    : "\(name) has no address. Run a subnet manager (opensm) in its network."
            )
        }
        self.port = port
        self.address = address
        reason = "\(port.device):\(port.number), address \(address.index): \(address.advantage)"
    }

    private func rank(at host: String?) -> Int { address.rank(at: host) }
}

extension RDMAAddress {
    /// 0 is of no use: version 1 of RoCE crosses no router, and its packets are not IP's.
    fileprivate func rank(at host: String?) -> Int {
        switch kind {
        case .roceV1: 0
        case .roceV2 where text == host: 5
        case .roceV2: isIPv4 ? 3 : isLinkLocal ? 1 : 2
        case .infiniBand: 4
        }
    }

    fileprivate var advantage: String {
        switch kind {
        case .infiniBand: "InfiniBand"
        case .roceV1: "RoCE v1, which is not used"
        case .roceV2 where isIPv4: "RoCE v2 over IPv4, \(text), which routers know"
        case .roceV2 where isLinkLocal: "RoCE v2 over \(text), for hosts of the same link only"
        case .roceV2: "RoCE v2 over IPv6, \(text), as there is no IPv4 address"
        }
    }
}
