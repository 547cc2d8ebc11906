#if Verbs
    import Testing

    @testable import LockstepFabric

    @Suite("The bytes of an RDMA address")
    struct VerbsEndpointTests {
        /// Version, Ethernet, LID, packet size, mirror, its size and key, first packet, and two queue pairs a channel.
        private let words: [UInt64] = [1, 1, 3, 1024, 0x7F00_0000_0000, 1 << 20, 77, 5, 11, 12, 13, 14]

        private func bytes(_ change: (inout [UInt64]) -> Void = { _ in }) -> [UInt8] {
            var words = words
            change(&words)
            let gid = [UInt8](1...16)
            return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } } + gid
        }

        @Test("say what they are read as")
        func roundTrip() throws {
            let endpoint = try VerbsEndpoint(bytes())
            #expect(endpoint.bytes == bytes())
            #expect(endpoint.isEthernet && endpoint.lid == 3 && endpoint.mtu == 1024)
            #expect(endpoint.senders == [11, 12] && endpoint.receivers == [13, 14])
            #expect(endpoint.gid == [UInt8](1...16))
        }

        @Test("are refused if they cannot be an address")
        func refused() {
            #expect(throws: FabricError.self) { try VerbsEndpoint([]) }
            #expect(throws: FabricError.self) { try VerbsEndpoint(bytes().dropLast()) }
            #expect(throws: FabricError.self) { try VerbsEndpoint(bytes() + [0]) }
            let wrong: [(Int, UInt64)] = [
                (0, 2), (1, 2), (2, 1 << 16), (3, 128), (3, 8192), (5, .max), (6, 1 << 32), (7, 1 << 32), (11, 1 << 32),
            ]
            for (place, value) in wrong {
                #expect(throws: FabricError.self) { try VerbsEndpoint(bytes { $0[place] = value }) }
            }
        }
    }
#endif
