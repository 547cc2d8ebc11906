import LockstepFabric
import Synchronization

/// A state that is given to another node, chunk after chunk, as fast as that takes them.
///
/// One thread writes the chunks, and waits here; others tell what has been taken.
final class OutgoingState: Sendable {
    /// The memory in which chunks travel; nil if they travel in messages.
    let block: SharedMemoryBlock?
    let slots: StateChunk.Slots
    private let send: @Sendable (StateChunk) -> Void
    private let state = Mutex(State())
    private let sleeper = Sleeper()

    private struct State {
        /// How many chunks have been taken.
        var taken: UInt64 = 0
        var interruption: StateInterruption?
    }

    /// Makes one for a state that takes about so many bytes.
    ///
    /// - Parameter handsOverMemory: False if chunks have to travel in messages.
    init(bytes: Int, handsOverMemory: Bool = true, send: @escaping @Sendable (StateChunk) -> Void) throws {
        self.send = send
        if handsOverMemory, bytes > StateChunk.messageBytesMax {
            slots = .large
            block = try SharedMemoryBlock(name: "lockstep-state", size: slots.bytes)
        } else {
            slots = StateChunk.Slots(count: Int(StateChunk.messagesMax), size: StateChunk.messageBytesMax)
            block = nil
        }
    }

    // MARK: - From the mesh

    /// The other node has taken so many chunks.
    func note(taken: UInt64) { change { $0.taken = max($0.taken, taken) } }

    /// Nobody waits for the rest.
    func end(because interruption: StateInterruption) {
        change { $0.interruption = $0.interruption ?? interruption }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        sleeper.wake()
    }

    // MARK: - From the thread that writes

    /// Waits until a chunk may be written.
    ///
    /// - Throws: ``StateInterruption``.
    func waitForRoom(for number: UInt64) throws {
        while true {
            let wakes = sleeper.wakes
            let (hasRoom, interruption) = state.withLock {
                (number < $0.taken + UInt64(slots.count), $0.interruption)
            }
            if let interruption { throw interruption }
            if hasRoom { return }
            sleeper.sleep(since: wakes)
        }
    }

    /// The memory for a chunk that travels in shared memory.
    func slot(_ number: UInt64) -> UnsafeMutableRawBufferPointer? {
        block?.bytesToWrite(slots.range(of: number, slots.size))
    }

    /// Sends a chunk that fits; in shared memory it need not be copied if it stands there already.
    func send(
        _ bytes: UnsafeRawBufferPointer, number: UInt64, goesOn: Bool, isLast: Bool, progress: Double
    ) {
        if let slot = slot(number), let start = bytes.baseAddress, start != UnsafeRawPointer(slot.baseAddress) {
            slot.copyMemory(from: bytes)
        }
        send(
            StateChunk(
                number: number, size: bytes.count, bytes: block == nil ? Array(bytes) : [], goesOn: goesOn,
                isLast: isLast, progress: progress
            )
        )
    }
}
