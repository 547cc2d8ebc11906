#if Verbs
    import CLockstep

    /// What a node must know of a peer to connect their queue pairs, as it is sent over the connection on which both have
    /// proved that they know the cluster's key. All numbers are little-endian.
    package struct VerbsEndpoint: Sendable, Equatable {
        /// Raised whenever the meaning of any byte changes.
        private static let version: UInt64 = 1

        var isEthernet: Bool
        var gid: [UInt8]
        var lid: UInt16
        var mtu: UInt32
        /// Where the peer keeps its mirror of my region, and the key to write there.
        var mirrorAddress: UInt64
        var mirrorSize: UInt64
        var mirrorKey: UInt32
        /// The number of the first packet on each connection.
        var firstPacket: UInt32
        /// The queue pairs of each channel, by its number.
        var senders: [UInt32]
        var receivers: [UInt32]

        /// The bytes to send.
        package var bytes: [UInt8] {
            let words =
                [Self.version, isEthernet ? 1 : 0, UInt64(lid), UInt64(mtu), mirrorAddress, mirrorSize]
                + ([mirrorKey, firstPacket] + senders + receivers).map(UInt64.init)
            return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } } + gid
        }

        /// Reads what a peer has sent.
        package init(_ bytes: [UInt8]) throws(FabricError) {
            let channels = (bytes.count - 16 - 8 * 8) / 16
            let count = 8 + 2 * channels
            guard bytes.count == count * 8 + 16, (2...Strand.count + 1).contains(channels) else {
                throw FabricError(
                    "A peer sent \(bytes.count) bytes for its RDMA address. Run one release on all nodes.")
            }
            let words = (0..<count).map { place in
                bytes[place * 8..<place * 8 + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            }
            guard words[0] == Self.version else {
                throw FabricError("A peer's RDMA address has version \(words[0]). Run one release on all nodes.")
            }
            guard words[1] <= 1, words[2] <= UInt16.max, (256...4096).contains(words[3]),
                words[4] <= UInt64.max - words[5], words[6...].allSatisfy({ $0 <= UInt32.max })
            else { throw FabricError("A peer sent an RDMA address that cannot be one.") }
            isEthernet = words[1] == 1
            (lid, mtu) = (UInt16(words[2]), UInt32(words[3]))
            (mirrorAddress, mirrorSize) = (words[4], words[5])
            (mirrorKey, firstPacket) = (UInt32(words[6]), UInt32(words[7]))
            let numbers = words[8...].map { UInt32($0) }
            senders = Array(numbers.prefix(channels))
            receivers = Array(numbers.suffix(channels))
            gid = Array(bytes.suffix(16))
        }

        init(
            of port: VerbsPort, mirror: Region, key: UInt32, firstPacket: UInt32, connections: [VerbsConnection]
        ) {
            isEthernet = port.attributes.is_ethernet != 0
            gid = port.choice.address.bytes
            lid = port.attributes.lid
            mtu = port.attributes.mtu
            mirrorAddress = UInt64(UInt(bitPattern: mirror.base))
            mirrorSize = UInt64(mirror.size)
            mirrorKey = key
            self.firstPacket = firstPacket
            senders = connections.map(\.sender.number)
            receivers = connections.map(\.receiver.number)
        }
    }
#endif
