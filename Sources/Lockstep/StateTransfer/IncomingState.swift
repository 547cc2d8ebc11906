import DequeModule
import LockstepFabric
import Synchronization

/// A state that another node gives, chunk after chunk.
///
/// One thread reads the chunks, and waits here; others tell what has come.
final class IncomingState: Sendable {
    private let block: SharedMemoryBlock?
    private let slots: StateChunk.Slots?
    private let tell: @Sendable (Progress) -> Void
    private let state = Mutex(State())
    private let sleeper = Sleeper()

    /// What the node that gives the state has to know.
    enum Progress {
        /// So many chunks have been read, and their memory may be used again.
        case taken(UInt64)
        /// No more is read; whether the whole had come.
        case isOver(isWhole: Bool)
    }

    private struct State {
        /// What has come and has not been read.
        var chunks: Deque<StateChunk> = []
        var arrived: UInt64 = 0
        var bytes = 0
        var fraction = 0.0
        var hasLast = false
        var interruption: (any Error)?
        var isOver = false
    }

    /// Bytes that can be read without those that come later.
    struct Part {
        fileprivate enum Place {
            case own([UInt8])
            case slot(SharedMemoryBlock, Range<Int>)
        }

        fileprivate let place: Place
        let isLast: Bool
        /// The chunks that it ends.
        fileprivate let taken: UInt64

        /// Lends the bytes, which must not leave `body`.
        func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            switch place {
            case .own(let bytes): try bytes.withUnsafeBytes(body)
            case .slot(let block, let range): try block.withBytes(range, body)
            }
        }
    }

    /// Makes one whose chunks are in slots of a block of memory, or in messages where there is none.
    init(
        in block: SharedMemoryBlock? = nil, _ slots: StateChunk.Slots? = nil,
        tell: @escaping @Sendable (Progress) -> Void
    ) {
        (self.block, self.slots, self.tell) = (block, slots, tell)
    }

    // MARK: - From the mesh

    /// The next chunk has come.
    func put(_ chunk: StateChunk) {
        change { state in
            guard state.interruption == nil else { return }
            guard isSound(chunk, in: state) else {
                state.interruption = WireError.malformed(offset: 0, reason: "a chunk is out of place")
                return
            }
            state.chunks.append(chunk)
            state.arrived += 1
            state.bytes += chunk.size
            state.fraction = min(max(chunk.progress, state.fraction), 1)
            state.hasLast = chunk.isLast
        }
    }

    private func isSound(_ chunk: StateChunk, in state: borrowing State) -> Bool {
        guard chunk.number == state.arrived, !state.hasLast, !(chunk.isLast && chunk.goesOn) else { return false }
        guard let slots else { return chunk.size == chunk.bytes.count }
        return chunk.bytes.isEmpty && (0...slots.size).contains(chunk.size) && state.chunks.count < slots.count
    }

    /// No more will come.
    func end(because interruption: StateInterruption) {
        change { $0.interruption = $0.interruption ?? interruption }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        sleeper.wake()
    }

    /// What has come so far: the bytes, and the fraction of the whole.
    var progress: (bytes: Int, fraction: Double) { state.withLock { ($0.bytes, $0.fraction) } }

    // MARK: - From the thread that reads

    /// Waits for the next bytes.
    ///
    /// - Parameter former: What was read before, which must not be used again.
    /// - Throws: ``StateInterruption``, or ``WireError`` if the chunks are damaged.
    func next(after former: consuming Part?) throws -> Part {
        release(former)
        var chunk = try waitForChunk()
        var assembled: [UInt8] = []
        while chunk.goesOn {
            assembled += part(chunk).withBytes { Array($0) }
            tell(.taken(chunk.number + 1))
            chunk = try waitForChunk()
        }
        let last = part(chunk)
        guard !assembled.isEmpty else { return last }
        assembled += last.withBytes { Array($0) }
        return Part(place: .own(assembled), isLast: last.isLast, taken: last.taken)
    }

    private func release(_ part: Part?) {
        if let part, !part.isLast { tell(.taken(part.taken)) }
    }

    private func part(_ chunk: StateChunk) -> Part {
        let place: Part.Place =
            if let block, let slots {
                .slot(block, slots.range(of: chunk.number, chunk.size))
            } else {
                .own(chunk.bytes)
            }
        return Part(place: place, isLast: chunk.isLast, taken: chunk.number + 1)
    }

    private func waitForChunk() throws -> StateChunk {
        while true {
            let wakes = sleeper.wakes
            let (chunk, interruption) = state.withLock { ($0.chunks.popFirst(), $0.interruption) }
            if let chunk { return chunk }
            if let interruption { throw interruption }
            sleeper.sleep(since: wakes)
        }
    }

    /// Nothing more is read.
    func finish() {
        let (isNew, isWhole) = state.withLock { state in
            defer { state.isOver = true }
            state.chunks = []
            return (!state.isOver, state.hasLast)
        }
        if isNew { tell(.isOver(isWhole: isWhole)) }
    }
}
