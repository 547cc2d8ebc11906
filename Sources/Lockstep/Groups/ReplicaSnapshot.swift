/// Everything that another replica needs to go on from where this one is.
struct ReplicaSnapshot: Sendable {
    /// Updates executed since the group began.
    let updates: UInt64
    /// The messages of each replica that were executed in this view, by the replica's place.
    let executed: [UInt64]
    let state: State

    enum State: Sendable {
        /// As it was when it was taken; somebody else encodes it.
        case captured(CapturedState)
        /// Encoded.
        case encoded([UInt8])
        /// On its way from another node.
        case incoming(IncomingState)
    }

    /// What a replica reads the state from.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged, ``LockstepError/Code/encodingFailed``, or
    ///   ``StateInterruption``.
    func makeReader() throws -> StateReader {
        switch state {
        case .captured(let state): try StateReader(state.encoded())
        case .encoded(let bytes): try StateReader(bytes)
        case .incoming(let state): try StateReader(StateStream(state))
        }
    }

    /// Nothing more of it is read.
    func finish() {
        if case .incoming(let state) = state { state.finish() }
    }
}
