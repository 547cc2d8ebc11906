import LockstepFabric

/// Everything that another replica needs to go on from where this one is.
struct ReplicaSnapshot: Sendable {
    /// Updates executed since the group began.
    let updates: UInt64
    /// The messages of each replica that were executed in this view, by the replica's place.
    let executed: [UInt64]
    private let state: State

    private enum State {
        case own([UInt8])
        case captured(CapturedState)
        case handedOver(SharedMemoryBlock)
    }

    init(updates: UInt64, executed: [UInt64], state: [UInt8]) {
        (self.updates, self.executed, self.state) = (updates, executed, .own(state))
    }

    /// A snapshot of a state that somebody else encodes.
    init(updates: UInt64, executed: [UInt64], state: CapturedState) {
        (self.updates, self.executed, self.state) = (updates, executed, .captured(state))
    }

    /// A snapshot that another process has made.
    init(updates: UInt64, executed: [UInt64], state: SharedMemoryBlock) {
        (self.updates, self.executed, self.state) = (updates, executed, .handedOver(state))
    }

    /// Lends the state, which must not leave `body`. If it is not encoded yet, that is done here.
    func withState<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
        switch state {
        case .own(let bytes): try bytes.withUnsafeBytes(body)
        case .captured(let state): try state.withEncoded(body)
        case .handedOver(let block): try block.withBytes(body)
        }
    }
}
