#if Verbs
    import CLockstep
    import Foundation
    import Testing

    @testable import LockstepFabric

    /// Over the devices of the test rig; elsewhere there are none to test with.
    @Suite("Verbs", .enabled(if: VerbsHost.hasTwo), .serialized, .timeLimit(.minutes(2)))
    struct VerbsTests {
        @Test("Without room in its requests a device reads what was posted from a slot", arguments: [0, 64])
        func staging(inlineBytes: Int) throws {
            var settings = VerbsSettings()
            settings.inlineBytes = inlineBytes
            let link = try LinkedPair(settings)
            link.own.store(1, at: link.offset)
            link.first.push(link.offset..<link.offset + 72)
            link.own.store(2, at: link.offset)
            link.first.push(link.offset + 128..<link.offset + 136)
            link.first.flush(waking: false)
            link.own.store(1, at: link.offset + 136)
            link.first.push(link.offset + 136..<link.offset + 144)
            link.first.flush(waking: false)
            while link.arrived.loadAcquiring(link.offset + 136) == 0 {}
            #expect(link.arrived.loadAcquiring(link.offset) == 1)
            #expect(link.counts.staged == (inlineBytes == 0 ? 3 : 1))
        }

        @Test("What is pushed before a flush rings one doorbell")
        func doorbells() throws {
            let link = try LinkedPair()
            for place in 0..<5 { link.first.push(link.offset + place * 64..<link.offset + place * 64 + 8) }
            #expect(link.counts.requests == 0)
            link.first.flush(waking: true)
            #expect(link.counts == VerbsCounts(requests: 5, doorbells: 1))
        }

        @Test("A full queue waits for its completions, of which there are few")
        func fullQueue() throws {
            var settings = VerbsSettings()
            settings.queueDepth = 8
            let link = try LinkedPair(settings)
            for value in 1...1000 as ClosedRange<UInt64> {
                link.own.store(value, at: link.offset)
                link.first.push(link.offset..<link.offset + 8)
                link.first.flush(waking: false)
            }
            while link.arrived.loadAcquiring(link.offset) < 1000 {}
            #expect(link.counts.requests == 1000)
            #expect((492...500).contains(link.counts.completions))
        }

        @Test("The bytes of a ring go as they are, and rows are copied whole", arguments: FabricChannel.all(pollers: 1))
        func longPushes(channel: FabricChannel) throws {
            let link = try LinkedPair(channel: channel)
            let range = link.offset..<link.offset + 1000
            for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                link.own.store(UInt64(place), at: place)
            }
            link.first.push(range)
            link.first.flush(waking: false)
            while link.arrived.loadAcquiring(range.upperBound - 8) == 0 {}
            #expect(link.arrived.bytes(range).elementsEqual(link.own.bytes(range)))
            #expect(link.counts.requests == (channel == .polling ? 1 : 4))
        }

        @Test("Who is awake is not woken")
        func awake() throws {
            let link = try LinkedPair()
            for value in 1...100 as ClosedRange<UInt64> {
                link.own.store(value, at: link.offset)
                link.first.push(link.offset..<link.offset + 8)
                link.first.flush(waking: true)
            }
            while link.arrived.loadAcquiring(link.offset) < 100 { link.second.poll() }
            #expect(link.counts.wakes == 0)
        }

        @Test("Who parks is woken, once")
        func woken() throws {
            let link = try LinkedPair()
            while !link.second.prepareToPark() { link.first.poll() }
            for _ in 0..<3 {
                link.first.push(link.offset..<link.offset + 8)
                link.first.flush(waking: true)
            }
            #expect(link.counts.wakes == 1)
            while link.second.prepareToPark() {}
            while !link.second.prepareToPark() { link.first.poll() }
            link.first.push(link.offset..<link.offset + 8)
            link.first.flush(waking: true)
            #expect(link.counts.wakes == 2)
        }

        @Test("A peer that has closed keeps nobody awake, and what is pushed to it has no effect")
        func deadPeer() throws {
            let link = try LinkedPair()
            link.second.close()
            while !link.first.prepareToPark() {}
            for _ in 0..<1000 {
                link.first.push(link.offset..<link.offset + 8)
                link.first.flush(waking: true)
            }
        }

        @Test("Only its owner writes a mirror, even if others know its key")
        func foreignKey() throws {
            let regions = try (0..<2).map { try SharedMemoryRegion(name: "verbs-key-\($0)", size: regionSize) }
            let ports = try [VerbsHost.open(0, regions[0]), VerbsHost.open(1, regions[1])]
            // Two connections between the same hosts, as if they were of two peers.
            let here = try (0..<2).map { _ in try VerbsMemory(on: ports[0], size: regionSize) }
            let there = try (0..<2).map { _ in try VerbsMemory(on: ports[1], size: regionSize) }
            var stolen = here[1].endpoint
            stolen.mirrorAddress = here[0].endpoint.mirrorAddress
            stolen.mirrorKey = here[0].endpoint.mirrorKey
            try there[1].connect(to: stolen)
            try here[1].connect(to: there[1].endpoint)
            let link = there[1].open(.polling, from: regions[1])
            regions[1].region.store(1, at: SharedMemoryRegion.firstAllocation)
            link.push(SharedMemoryRegion.firstAllocation..<SharedMemoryRegion.firstAllocation + 8)
            link.flush(waking: false)
            // It parks alone when the device has refused it.
            while !link.prepareToPark(), here[0].mirror.loadAcquiring(SharedMemoryRegion.firstAllocation) == 0 {}
            #expect(here[0].mirror.loadAcquiring(SharedMemoryRegion.firstAllocation) == 0)
        }

        @Test("IPv6 leads to peers as IPv4 does")
        func overIPv6() throws {
            let link = try LinkedPair(choices: VerbsHost.choices { $0.addresses.removeAll(where: \.isIPv4) })
            link.own.store(1, at: link.offset)
            link.first.push(link.offset..<link.offset + 8)
            link.first.flush(waking: false)
            while link.arrived.loadAcquiring(link.offset) == 0 {}
        }

        @Test("Whatever fails while it is set up, the device has everything back", arguments: SetupFailure.allCases)
        func nothingLeaks(failure: SetupFailure) throws {
            let before = try VerbsHost.resources()
            #expect(throws: FabricError.self) { try failure.provoke() }
            // The doorman's thread may still be about to end.
            while try VerbsHost.resources() != before { usleep(1000) }
        }
    }

    /// What may fail, in the order of the steps.
    enum SetupFailure: CaseIterable {
        case device, port, completions, room, region, path

        func provoke() throws {
            let regions = try (0..<2).map { try SharedMemoryRegion(name: "verbs-fail-\($0)", size: regionSize) }
            var settings = VerbsSettings()
            var choices = VerbsHost.choices
            switch self {
            case .device: choices = try VerbsHost.choices { $0.device = "nobody" }
            case .port: choices = try VerbsHost.choices { $0.number = 9 }
            case .completions: settings.queueDepth = 1 << 30
            case .room, .region, .path: break
            }
            let port = try VerbsHost.open(0, regions[0], settings, choices)
            let memory = try VerbsMemory(on: port, size: self == .room ? 1 << 60 : regionSize)
            var other = try VerbsMemory(on: VerbsHost.open(1, regions[1]), size: regionSize).endpoint
            if self == .region { other.mirrorSize += 8 }
            // An address that no route leads to.
            if self == .path { other.gid = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 203, 0, 113, 1] }
            try memory.connect(to: other)
        }
    }

    /// The two ends of one channel between two hosts.
    private struct LinkedPair {
        let own: Region
        let offset: Int
        let arrived: Mirror
        let first, second: any RemoteLink
        private let port: VerbsPort

        init(
            _ settings: VerbsSettings = VerbsSettings(), channel: FabricChannel = .polling,
            choices: [RDMAChoice] = VerbsHost.choices
        ) throws {
            let regions = try (0..<2).map { try SharedMemoryRegion(name: "verbs-\($0)", size: regionSize) }
            offset = try regions[0].allocate(1024)
            let memories = try VerbsHost.pair(regions[0], regions[1], settings, choices)
            own = regions[0].region
            arrived = memories[0].mirror
            port = memories[1].port
            first = memories[1].open(channel, from: regions[0])
            second = memories[0].open(channel, from: regions[1])
        }

        /// What the first has asked of its device.
        var counts: VerbsCounts { port.counts }
    }
#endif
