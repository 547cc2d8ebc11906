#if Verbs
    import CLockstep
    import Synchronization

    /// The two queue pairs of one channel to one peer, each with its completions: one that sends, and one at whose other end the
    /// peer does.
    struct VerbsConnection: Sendable {
        struct End: Sendable {
            let queuePair: VerbsHandle
            let completions: VerbsHandle
            let number: UInt32
            /// Up to so many bytes a request holds itself.
            let inlineBytes: Int
        }

        /// At most two waking writes of a peer are on their way while this node does not look; it waits for more.
        static let receives = 8

        let sender: End
        let receiver: End
        /// Holds a copy of what the requests of the sender carry, in a slot for each.
        let slots: MirrorMemory
        let slotsKey: UInt32
        private let slotsRegistration: VerbsHandle
        private let down = Fence()

        /// - Parameter domain: Where the peer may write.
        init(_ channel: FabricChannel, on port: VerbsPort, receivingIn domain: VerbsHandle) throws(FabricError) {
            let (settings, limits) = (port.settings, port.attributes)
            guard settings.queueDepth <= limits.queue_depth_max, settings.queueDepth <= limits.completions_max else {
                throw FabricError(
                    """
                    \(port.choice.port.device) takes \(min(limits.queue_depth_max, limits.completions_max)) requests for \
                    one peer, fewer than the \(settings.queueDepth) that are asked for.
                    """
                )
            }
            let sent = try VerbsHandle.completions(settings.queueDepth, on: port.device, announcedAt: nil, tag: 0)
            var request = lockstep_verbs_queue_pair()
            request.sends = UInt32(settings.queueDepth)
            request.inline_bytes = UInt32(settings.inlineBytes)
            let sending = try VerbsHandle.queuePair(&request, in: port.domain, completions: sent)
            sender = End(
                queuePair: sending, completions: sent, number: request.number, inlineBytes: Int(request.inline_bytes)
            )

            let received = try VerbsHandle.completions(
                Self.receives, on: port.device, announcedAt: port.doorman.channel, tag: channel.number
            )
            request = lockstep_verbs_queue_pair()
            request.sends = 1
            request.receives = UInt32(Self.receives)
            let receiving = try VerbsHandle.queuePair(&request, in: domain, completions: received)
            receiver = End(queuePair: receiving, completions: received, number: request.number, inlineBytes: 0)

            let slotsSize = max(settings.queueDepth * VerbsSender.slotBytes, SharedMemoryLayout.arenaOffset)
            slots = try MirrorMemory(size: slotsSize)
            let registered = try VerbsHandle.memory(
                slots.region, of: slots, in: port.domain, isWritable: false
            )
            slotsRegistration = registered.handle
            slotsKey = registered.keys.local
        }

        /// Connects both queue pairs with the peer's.
        func connect(_ channel: FabricChannel, on port: VerbsPort, to peer: VerbsEndpoint, firstPacket: UInt32)
            throws(FabricError)
        {
            try Self.connect(sender, on: port, to: peer, peer.receivers[channel.number], firstPacket)
            try Self.connect(receiver, on: port, to: peer, peer.senders[channel.number], peer.firstPacket)
            let result = lockstep_verbs_receive(receiver.queuePair.pointer, UInt32(Self.receives))
            guard result == 0 else {
                throw .system("The RDMA device takes no receive requests", -result, mend: "Use another port.")
            }
        }

        private static func connect(
            _ end: End, on port: VerbsPort, to peer: VerbsEndpoint, _ number: UInt32, _ firstPacket: UInt32
        ) throws(FabricError) {
            var path = lockstep_verbs_path()
            path.port = UInt8(port.choice.port.number)
            path.gid_index = UInt8(port.choice.address.index)
            withUnsafeMutableBytes(of: &path.gid) { $0.copyBytes(from: peer.gid) }
            path.lid = peer.lid
            path.is_ethernet = peer.isEthernet ? 1 : 0
            path.mtu = min(port.attributes.mtu, peer.mtu)
            path.number = number
            path.first_packet = firstPacket
            path.traffic_class = port.settings.trafficClass
            path.service_level = port.settings.serviceLevel
            path.timeout = port.settings.timeout
            path.retries = port.settings.retries
            let result = lockstep_verbs_connect(end.queuePair.pointer, &path)
            guard result == 0 else {
                throw .system(
                    "No RDMA connection can be made from \(port.choice.reason)", -result,
                    mend: pathMend
                )
            }
        }

        /// Sends a word of nothing, whose completion shows that the way is open.
        func probe(_ target: VerbsTarget, at offset: Int) throws(FabricError) {
            var write = lockstep_verbs_write()
            write.source = UInt64(UInt(bitPattern: slots.region.base))
            write.source_key = slotsKey
            write.length = 8
            write.destination = target.address + UInt64(offset)
            write.destination_key = target.key
            write.flags = LOCKSTEP_VERBS_SIGNALLED.rawValue
            let result = lockstep_verbs_post(sender.queuePair.pointer, &write, 1)
            guard result == 0 else {
                throw .system("The RDMA device takes no writes", -result, mend: "Use another port.")
            }
        }

        /// True when the probe has arrived.
        func takeProbe() throws(FabricError) -> Bool {
            var completion = lockstep_verbs_completion()
            let count = lockstep_verbs_poll(sender.completions.pointer, &completion, 1)
            guard count >= 0, completion.status == 0 else {
                let reason = String(cString: lockstep_verbs_status_text(completion.status))
                throw FabricError("Nothing arrives at the peer over RDMA (\(reason)). \(Self.pathMend)")
            }
            return count > 0
        }

        private static let pathMend =
            "Check that both hosts reach each other over these addresses, and that no filter drops UDP port 4791."

        /// False when it is fenced.
        var isUp: Bool { !down.isSet.load(ordering: .relaxed) }

        private final class Fence: Sendable {
            let isSet = Atomic<Bool>(false)
        }

        /// Nothing leaves or comes any more.
        func fence() {
            down.isSet.store(true, ordering: .relaxed)
            _ = lockstep_verbs_fence(receiver.queuePair.pointer)
            _ = lockstep_verbs_fence(sender.queuePair.pointer)
        }
    }
#endif
