#if Verbs
    import CLockstep

    /// The way of one channel to a peer, over an RDMA device.
    final class VerbsLink: RemoteLink {
        private let memory: VerbsMemory
        private let connection: VerbsConnection
        private let own: Region
        private let ownKey: UInt32
        private let sender: VerbsSender
        /// What is longer than a slot is bytes of rings, which do not change before the peer has them; but for the membership,
        /// whose rows do.
        private let mayReadLater: Bool
        private var promise = ParkPromise()
        private var lastWord: UInt64 = 0
        /// Where the peer's word lies here, and mine there.
        private let wordOffset, ownWordOffset: Int
        private var completed = [lockstep_verbs_completion](
            repeating: lockstep_verbs_completion(), count: VerbsConnection.receives
        )

        init(_ channel: FabricChannel, to memory: VerbsMemory, at target: VerbsTarget) {
            self.memory = memory
            let port = memory.port
            own = port.own.region
            ownKey = port.ownKey
            connection = memory.connections[channel.number]
            sender = VerbsSender(connection, to: target, depth: port.settings.queueDepth, counters: port.counters)
            mayReadLater = channel != .membership
            wordOffset = VerbsMemory.wordOffset(of: channel, behind: memory.mirror.size)
            ownWordOffset = VerbsMemory.wordOffset(of: channel, behind: own.size)
        }

        deinit { close() }

        func push(_ range: Range<Int>) {
            if promise.push() { addWord() }
            if mayReadLater, range.count > VerbsSender.slotBytes {
                sender.add(own.bytes(range), key: ownKey, to: range.lowerBound)
                return
            }
            for start in stride(from: range.lowerBound, to: range.upperBound, by: VerbsSender.slotBytes) {
                let end = min(start + VerbsSender.slotBytes, range.upperBound)
                sender.add(copyOf: UnsafeRawBufferPointer(own.bytes(start..<end)), to: start)
            }
        }

        func flush(waking isWaking: Bool) {
            sender.post(waking: isWaking && promise.takeWake())
        }

        func poll() {
            let word = memory.memory.mirror.loadAcquiring(wordOffset)
            guard word != lastWord else { return }
            lastWord = word
            _ = takeWakes()
            guard promise.take(word) else { return }
            addWord()
            sender.post()
        }

        func prepareToPark() -> Bool {
            sender.look()
            // Who is gone echoes nothing.
            guard !sender.isBroken, memory.isOpen else { return true }
            _ = takeWakes()
            poll()
            if promise.park() {
                addWord()
                sender.post()
            }
            // A device that takes no orders any more brings nothing either.
            guard lockstep_verbs_arm(connection.receiver.completions.pointer) == 0 else { return true }
            // What came before it was armed is not announced.
            guard !takeWakes() else { return false }
            poll()
            return promise.maySleep
        }

        func unpark() {}

        func close() {
            guard connection.isUp else { return }
            // A peer that is gone takes nothing any more.
            if memory.isOpen {
                addWord(isLast: true)
                sender.drain()
            }
            connection.fence()
        }

        /// Says what the peer is to know, behind everything that was pushed.
        private func addWord(isLast: Bool = false) {
            withUnsafeBytes(of: promise.word) { sender.add(copyOf: $0, to: ownWordOffset, isLast: isLast) }
        }

        /// Takes the wake-ups that have come, and makes room for more. True if there were any.
        private func takeWakes() -> Bool {
            let count = lockstep_verbs_poll(connection.receiver.completions.pointer, &completed, Int32(completed.count))
            guard count > 0 else { return false }
            promise.noteWake()
            // After the queue pair was fenced this has no effect, and nothing comes any more.
            _ = lockstep_verbs_receive(connection.receiver.queuePair.pointer, UInt32(count))
            return true
        }
    }
#endif
