#if Verbs
    import CLockstep

    /// Posts one channel's writes to one peer.
    ///
    /// Writes are collected and posted as one linked list, so that the device is told once. What may change afterwards is
    /// copied to the slot of its request when it is added. One request in many asks for a completion, which frees all before
    /// it; when the queue is full, the sender waits for one. That ends at the latest when the device gives the peer up.
    final class VerbsSender {
        static let slotBytes = 256
        /// How long the last words may take, in nanoseconds.
        private static let lastWordsMax: Int64 = 5_000_000

        private let connection: VerbsConnection
        private let end: VerbsConnection.End
        private let slots: Region
        private let target: VerbsTarget
        private let depth: UInt64
        private let counters: VerbsCounters
        private var writes: [lockstep_verbs_write] = []
        private var completed = [lockstep_verbs_completion](repeating: lockstep_verbs_completion(), count: 16)
        /// Requests that were added, and those of them that are done.
        private var (added, done): (UInt64, UInt64) = (0, 0)
        /// The device has given the peer up, or refuses what it is told: nothing leaves or comes any more.
        private(set) var isBroken = false

        init(_ connection: VerbsConnection, to target: VerbsTarget, depth: Int, counters: VerbsCounters) {
            self.connection = connection
            end = connection.sender
            slots = connection.slots.region
            self.target = target
            self.depth = UInt64(depth)
            self.counters = counters
            writes.reserveCapacity(Int(LOCKSTEP_VERBS_WRITES_MAX))
        }

        /// Adds a write of bytes that may change afterwards: as many as fit a slot.
        ///
        /// - Parameter isLast: True for one whose end ``drain()`` waits for.
        func add(copyOf bytes: UnsafeRawBufferPointer, to offset: Int, isLast: Bool = false) {
            guard let request = nextRequest() else { return }
            let slot = Int(request % depth) * Self.slotBytes
            slots.write(bytes, at: slot)
            let isInline = bytes.count <= end.inlineBytes
            if !isInline { counters.add(staged: 1) }
            add(
                request, slots.bytes(slot..<slot + bytes.count), key: connection.slotsKey, to: offset,
                flags: (isInline ? LOCKSTEP_VERBS_INLINE.rawValue : 0)
                    | (isLast ? LOCKSTEP_VERBS_SIGNALLED.rawValue : 0)
            )
        }

        /// Adds a write of bytes in registered memory that do not change before it is done.
        func add(_ bytes: UnsafeMutableRawBufferPointer, key: UInt32, to offset: Int) {
            guard let request = nextRequest() else { return }
            add(request, bytes, key: key, to: offset, flags: 0)
        }

        private func add(
            _ request: UInt64, _ bytes: UnsafeMutableRawBufferPointer, key: UInt32, to offset: Int, flags: UInt32
        ) {
            var write = lockstep_verbs_write()
            write.request = request
            write.source = UInt64(UInt(bitPattern: bytes.baseAddress))
            write.length = UInt32(bytes.count)
            write.source_key = key
            write.destination = target.address + UInt64(offset)
            write.destination_key = target.key
            write.flags = flags
            if (request + 1) % (depth / 4) == 0 { write.flags |= LOCKSTEP_VERBS_SIGNALLED.rawValue }
            writes.append(write)
        }

        /// Makes room for one more request; nil if nothing gets through any more.
        private func nextRequest() -> UInt64? {
            if writes.count == Int(LOCKSTEP_VERBS_WRITES_MAX) { post() }
            if added - done == depth {
                post()
                while added - done == depth, !isBroken { look() }
            }
            guard !isBroken else { return nil }
            defer { added += 1 }
            return added
        }

        /// Posts what was added.
        ///
        /// - Parameter isWaking: True if the last write wakes the peer.
        func post(waking isWaking: Bool = false) {
            guard !writes.isEmpty else { return }
            defer { writes.removeAll(keepingCapacity: true) }
            guard !isBroken else { return }
            if isWaking { writes[writes.count - 1].flags |= LOCKSTEP_VERBS_WAKING.rawValue }
            counters.add(requests: writes.count, doorbells: 1, wakes: isWaking ? 1 : 0)
            guard lockstep_verbs_post(end.queuePair.pointer, writes, UInt32(writes.count)) == 0 else { return giveUp() }
        }

        /// Takes the completions that are there.
        func look() {
            let count = lockstep_verbs_poll(end.completions.pointer, &completed, Int32(completed.count))
            if count < 0 { return giveUp() }
            for completion in completed.prefix(Int(count)) {
                if completion.status != 0 { giveUp() }
                done = completion.request + 1
                counters.add(completions: 1)
            }
        }

        /// Waits until what was added has arrived, but not for long: a healthy network takes microseconds.
        func drain() {
            post()
            let deadline = lockstep_monotonic_ns() + Self.lastWordsMax
            while done < added, !isBroken, lockstep_monotonic_ns() < deadline { look() }
        }

        /// Breaks both directions: a peer that hears nothing of this node cannot know when to wake it.
        private func giveUp() {
            isBroken = true
            connection.fence()
        }
    }
#endif
