import Glibc

/// A port of an RDMA device of this host, as the kernel shows it in files: they can be read without the right to use the
/// device, and without any library.
package struct RDMAPort: Sendable, Equatable {
    package enum LinkLayer: String, Sendable {
        case infiniBand = "InfiniBand"
        case ethernet = "Ethernet"
    }

    package internal(set) var device: String
    package internal(set) var number: Int
    /// Whether writes are placed in the order in which they are sent. iWARP does not promise it.
    package let isOrdered: Bool
    package let isActive: Bool
    package let linkLayer: LinkLayer
    /// As the kernel words it, such as "100 Gb/sec (4X EDR)".
    package let rate: String
    /// The NUMA node that the device is attached to, if it is attached to one.
    package let numaNode: Int?
    package internal(set) var addresses: [RDMAAddress]

    /// All ports of this host, in the order of their names.
    package static func all(in folder: String = "/sys/class/infiniband") -> [RDMAPort] {
        KernelFile.names(in: folder).flatMap { device in
            KernelFile.names(in: "\(folder)/\(device)/ports").compactMap(Int.init).sorted().map { number in
                RDMAPort(device: device, number: number, folder: "\(folder)/\(device)")
            }
        }
    }

    private init(device: String, number: Int, folder: String) {
        let port = "\(folder)/ports/\(number)"
        self.device = device
        self.number = number
        // As the kernel numbers and names them: "4: RNIC" and "4: ACTIVE".
        isOrdered = KernelFile.line("\(folder)/node_type")?.hasPrefix("1:") ?? false
        isActive = KernelFile.line("\(port)/state")?.hasPrefix("4:") ?? false
        linkLayer = KernelFile.line("\(port)/link_layer").flatMap(LinkLayer.init) ?? .infiniBand
        rate = KernelFile.line("\(port)/rate") ?? "unknown"
        let node = KernelFile.line("\(folder)/device/numa_node").flatMap { Int($0) }
        numaNode = node.flatMap { $0 >= 0 ? $0 : nil }
        addresses = KernelFile.names(in: "\(port)/gids").compactMap(Int.init).sorted().compactMap { index in
            RDMAAddress(index: index, port: port)
        }
    }
}

/// An entry in a port's table of addresses (GIDs).
package struct RDMAAddress: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case infiniBand = "IB"
        case roceV1 = "RoCE v1"
        case roceV2 = "RoCE v2"
    }

    package let index: Int
    package let kind: Kind
    package let bytes: [UInt8]
    /// The network interface that has the address.
    package let interface: String?

    /// Nil if the entry is empty.
    init?(index: Int, port: String) {
        guard let text = KernelFile.line("\(port)/gids/\(index)"),
            let bytes = Self.bytes(text), bytes.contains(where: { $0 != 0 })
        else { return nil }
        self.index = index
        self.bytes = bytes
        let type = KernelFile.line("\(port)/gid_attrs/types/\(index)")
        // Both are called so by the kernel.
        kind = type == "IB/RoCE v1" ? .roceV1 : type.flatMap(Kind.init) ?? .infiniBand
        interface = KernelFile.line("\(port)/gid_attrs/ndevs/\(index)")
    }

    package var isIPv4: Bool { bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) }

    /// Reaches hosts of the same link only.
    package var isLinkLocal: Bool { bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }

    /// As people write the IP address.
    package var text: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv4 ? AF_INET : AF_INET6
        let address = isIPv4 ? Array(bytes[12...]) : bytes
        guard inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// From eight groups of four hexadecimal digits.
    private static func bytes(_ text: String) -> [UInt8]? {
        let groups = text.split(separator: ":").compactMap { UInt16($0, radix: 16) }
        return groups.count == 8 ? groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } : nil
    }
}
