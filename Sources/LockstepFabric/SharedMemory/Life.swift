import CLockstep

/// Whether a peer lives, as the kernel of its host knows. One that is stopped is alive.
package enum Life: Sendable {
    case notStarted
    case alive
    /// The thread that held the words has ended without a word, as with its process.
    case died
    case left
    /// It is on another host and cannot be reached any more. Whether it lives is not known here.
    case lost
}

/// Holds a node's words of life: peers see it alive until this ends, which says that it has left, or until the
/// calling thread ends, whatever ends it, which is seen and wakes sleeping peers at once.
///
/// It begins and ends on one thread, which can hold one at a time.
package struct LifeHold: ~Copyable {
    private let region: SharedMemoryRegion

    package init(_ region: SharedMemoryRegion) throws(FabricError) {
        self.region = region
        let result = lockstep_life_begin(region.life)
        guard result == 0 else {
            throw .system(
                "The kernel cannot tell others of the death of this process (set_robust_list)", -result,
                mend: "Run in a container profile that allows the call."
            )
        }
    }

    deinit {
        let result = lockstep_life_end(region.life)
        precondition(result == 0, "the thread that holds a node's words of life must be the one that ends it")
    }
}

extension SharedMemoryRegion {
    var life: UnsafeMutablePointer<lockstep_life> {
        let bytes = region.bytes(
            SharedMemoryLayout.lifeOffset..<SharedMemoryLayout.lifeOffset + MemoryLayout<lockstep_life>.size
        )
        return bytes.baseAddress!.assumingMemoryBound(to: lockstep_life.self)
    }
}

extension SharedMemoryMirror {
    /// Whether the owner lives, as the node that has the place `peer` among the others sees it.
    package func life(seenBy peer: Peer) -> Life {
        switch lockstep_life_state(lifeWord(for: peer)) {
        case LOCKSTEP_LIFE_DIED: .died
        case LOCKSTEP_LIFE_LEFT: .left
        case LOCKSTEP_LIFE_NOT_STARTED: .notStarted
        default: .alive
        }
    }

    /// True if the thread that holds the owner's words of life could go on, and is not let: it gets no processor, or the
    /// kernel holds it up, as it does while other threads of its process change what memory they share. False where
    /// that cannot be known: in another container, or where `/proc` is hidden.
    func isStarved(seenBy peer: Peer) -> Bool {
        let namespace = mirror.loadAcquiring(SharedMemoryLayout.namespaceOffset)
        guard namespace != 0, namespace == lockstep_process_namespace() else { return false }
        let holder = lockstep_life_holder(lifeWord(for: peer))
        guard holder != 0 else { return false }
        return [Int32(UInt8(ascii: "R")), Int32(UInt8(ascii: "D"))].contains(lockstep_thread_state(holder))
    }

    func lifeWord(for peer: Peer) -> UInt32 {
        mirror.watchedWord(SharedMemoryLayout.lifeOffset(for: peer)).value
    }
}
