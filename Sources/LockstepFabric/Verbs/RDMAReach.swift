/// What a node tells others of its RDMA port, from which both know whether one leads to the other.
package struct RDMAReach: Sendable, Hashable {
    /// In what network an address is. Nothing leads from one to another.
    package enum Network: UInt8, Sendable, CaseIterable {
        case infiniBand = 1
        case roceOverIPv4
        case roceOverIPv6
        /// RoCE over addresses that mean something on one link only.
        case roceOnOneLink
    }

    package let network: Network
    /// The two halves of the address (GID), of which the first is the subnet.
    package let subnet, interface: UInt64

    package init(network: Network, subnet: UInt64, interface: UInt64) {
        self.network = network
        self.subnet = subnet
        self.interface = interface
    }

    package init(_ choice: RDMAChoice) {
        let address = choice.address
        network =
            switch address.kind {
            case .infiniBand: .infiniBand
            case .roceV1, .roceV2:
                address.isIPv4 ? .roceOverIPv4 : address.isLinkLocal ? .roceOnOneLink : .roceOverIPv6
            }
        subnet = address.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        interface = address.bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Why nothing leads to another port; nil if something should.
    package func obstacle(to other: RDMAReach) -> String? {
        guard network == other.network else {
            return "one has \(network.text) and the other \(other.network.text)"
        }
        // Routers of RoCE are those of IP. Between subnets of InfiniBand it would take a path record, which nobody asks for.
        guard network != .infiniBand || subnet == other.subnet else {
            return "they are in different subnets of InfiniBand"
        }
        return nil
    }
}

extension RDMAReach.Network {
    fileprivate var text: String {
        switch self {
        case .infiniBand: "InfiniBand"
        case .roceOverIPv4: "RoCE over IPv4"
        case .roceOverIPv6: "RoCE over IPv6"
        case .roceOnOneLink: "RoCE over a link-local address"
        }
    }
}
