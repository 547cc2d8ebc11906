#if TLS
    import Glibc
    import Testing

    @testable import Lockstep

    /// What comes to a port at which TLS is spoken.
    @Suite("A port with TLS", .timeLimit(.minutes(2)))
    struct TLSStrangerTests {
        private let certificates: TestCertificates
        private let endpoint: StreamEndpoint
        private let log = LogLines()

        init() async throws {
            certificates = try TestCertificates()
            endpoint = try await StreamEndpoint.open(
                at: "127.0.0.1:0", .tls(certificates.credentials("a")), logger: log.logger)
            endpoint.visitors.setOpen(true)
        }

        @Test func takesNodesOfTheCluster() async throws {
            let socket = try call(certificates.credentials("b"), node: "a")
            let visitor = try await takeVisitor()
            #expect(visitor.mayBe("b") && !visitor.mayBe("c"))
            #expect(visitor.send([1, 2, 3], numbers: []) == 0)
            #expect(await socket.next() == [1, 2, 3])
            #expect(socket.mayBe("a") && !socket.mayBe("b"))
        }

        /// As without TLS: who lets go of a connection has said everything.
        @Test func getsTheLastWords() async throws {
            let words = (1...50).map { [UInt8](repeating: UInt8($0), count: 40 * $0) }
            do {
                let socket = try call(certificates.credentials("b"))
                for word in words { #expect(socket.send(word, numbers: []) == 0) }
            }
            let visitor = try await takeVisitor()
            for word in words { #expect(await visitor.next() == word) }
            #expect(await visitor.next() == nil)
        }

        @Test func refusesCertificatesThatAreNotValidNow() async throws {
            let late = try call(certificates.credentials("b", from: -3, until: -2))
            #expect(await late.ending().contains("not valid now"))
            try await logs("was valid until 20")
            let early = try call(certificates.credentials("b", from: 2, until: 3))
            #expect(await early.ending().contains("not valid now"))
        }

        @Test func isRefusedWithACertificateThatIsNotValidNow() async throws {
            let late = try await StreamEndpoint.open(
                at: "127.0.0.1:0", .tls(certificates.credentials("a", from: -3, until: -2)), logger: log.logger)
            let socket = try StreamEndpoint.connect(
                to: late.address, for: .mesh, .tls(certificates.credentials("b")))
            let sentence = await socket.ending()
            #expect(sentence.contains("lockstep://shop/a") && sentence.contains("was valid until 20"))
            try await logs("not valid now")
        }

        @Test func refusesNodesOfOtherClusters() async throws {
            let other = NodeIdentity(cluster: "other", name: "b")
            let stranger = try call(certificates.credentials("b", for: other))
            #expect(await stranger.next() == nil)
            try await logs("lockstep://other/b, and not for a node of cluster")
        }

        @Test func isRefusedByWhoeverCallsAnotherNode() async throws {
            let socket = try call(certificates.credentials("b"), node: "c")
            #expect(await socket.ending().contains("and not for node \"c\""))
        }

        @Test func doesNotBelieveANameThatTheCertificateLacks() async throws {
            let seed = endpoint.address
            let host = RendezvousNode("a", in: "shop", expecting: 2, log: log)
            let joining = Task { try await host.join(at: endpoint, seeds: [seed]) }
            try await host.journal.until { !$0.waiting.isEmpty }
            let other = try await StreamEndpoint.open(
                at: "127.0.0.1:0", .tls(certificates.credentials("b")), logger: log.logger)
            let liar = RendezvousNode("c", in: "shop", expecting: 2)
            await #expect(throws: RendezvousError.self) { try await liar.join(at: other, seeds: [seed]) }
            try await logs("certificate says another")
            joining.cancel()
            _ = try? await joining.value
        }

        // MARK: - Who is no node

        @Test func endsConnectionsWithGarbage() async throws {
            for bytes in [
                [UInt8](repeating: 0xFF, count: 4096), Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 0, 1, 9],
            ] {
                let stranger = RawCaller(to: endpoint.address)
                stranger.send(bytes)
                await stranger.waitForTheEnd()
            }
            let socket = try call(certificates.credentials("b"))
            _ = try await takeVisitor()
            #expect(socket.flaw == nil)
        }

        @Test func endsConnectionsThatDoNotGetOn() async throws {
            let idle = RawCaller(to: endpoint.address)
            // The head of a greeting that does not follow.
            let slow = RawCaller(to: endpoint.address)
            slow.send([0x16, 3, 1, 2, 0, 1, 0])
            let socket = try call(certificates.credentials("b"))
            _ = try await takeVisitor()
            #expect(socket.flaw == nil)
            await idle.waitForTheEnd()
            await slow.waitForTheEnd()
        }

        // MARK: - Parts

        private func call(_ credentials: TLSCredentials, node: String? = nil) throws -> StreamSocket {
            try StreamEndpoint.connect(to: endpoint.address, for: .rendezvous, node: node, .tls(credentials))
        }

        /// Who has come in.
        private func takeVisitor() async throws -> StreamSocket {
            while true {
                if let stream = endpoint.visitors.takeAll().first { return stream.socket }
                try await Task.sleep(for: .milliseconds(1))
            }
        }

        private func logs(_ words: String) async throws {
            try await log.wait(for: "turned away", words)
        }
    }

    extension StreamSocket {
        /// The next message, nil at the end.
        fileprivate func next() async -> [UInt8]? {
            while true {
                switch receive() {
                case .message(let bytes, _): return bytes
                case .closed, .tooLong: return nil
                case .nothing: try? await Task.sleep(for: .milliseconds(1))
                }
            }
        }

        /// What is said when the connection has ended.
        fileprivate func ending() async -> String {
            while await next() != nil {}
            return flaw ?? "nothing"
        }
    }

    extension RendezvousNode {
        fileprivate func join(at endpoint: StreamEndpoint, seeds: [NodeAddress]) async throws -> Rendezvous {
            var request = request
            request.network = NodeNetwork(endpoint: endpoint, seeds: seeds, sharesMemory: false)
            return try await Rendezvous.join(
                request, handler: { [journal] in journal.note($0) },
                waiting: { [journal] names in journal.write { $0.waiting.append(names) } })
        }
    }

    /// A connection without any protocol.
    private final class RawCaller: Sendable {
        private let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

        init(to address: NodeAddress) {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = UInt16(address.port).bigEndian
            place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeBytes(of: &place) { bytes in
                connect(number, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), size)
            }
            precondition(result == 0)
        }

        deinit { close(number) }

        func send(_ bytes: [UInt8]) { _ = Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

        /// Returns when the other side has ended the connection, whatever it said before.
        func waitForTheEnd() async {
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                if count == 0 || count < 0 && errno != EAGAIN { return }
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
    }
#endif
