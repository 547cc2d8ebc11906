import LockstepFabric

// How an epoch ends: wedge, publish, go on delivering what all members hold, and then deliver to the trim.
extension OrderedMulticast {
    /// How much of the epoch is over.
    enum EpochStage: Sendable {
        case running
        /// Nothing is sent or received any more.
        case wedged
        /// What may be delivered is decided.
        case trimmed
    }

    /// Freezes the shard, and returns how far this member has received: that never changes again.
    ///
    /// The host publishes once more, and delivers what becomes stable until it learns the trim.
    package mutating func wedge() -> UInt64 {
        if stage == .running { stage = .wedged }
        return line.received
    }

    /// A trim lies between what a member has delivered and what it has received. Any other shows that the members do
    /// not agree. Only without a total order may a member have delivered what others have not received.
    package func mayEnd(at trim: UInt64) -> Bool {
        stage == .wedged && (cursor <= trim || delivery == .senders) && trim <= line.received
    }

    /// Makes everything below the trim deliverable, and nothing else.
    package mutating func end(at trim: UInt64) {
        precondition(mayEnd(at: trim), "a trim must lie between what was delivered and what was received")
        stage = .trimmed
        stable = rules.contains(.drop) ? trim : line.received
    }

    /// Hands back this node's own messages that were not delivered, in their order: they are to be sent again in the
    /// next view. To be called when ``next()`` has returned nil after ``end(at:)``.
    package mutating func takeDropped(_ body: (UnsafeRawBufferPointer) -> Void) throws(ProtocolError) {
        precondition(stage == .trimmed, "what is dropped is known when the epoch has ended")
        guard let sendingPlace else { return }
        while try sources[sendingPlace].reader.nextRound(below: line.sent) != nil {
            _ = sources[sendingPlace].reader.take(upTo: .max, body)
        }
    }

    /// Everything below is here, stable or not: what anybody has delivered is among it.
    package var received: UInt64 { line.received }

    /// Everything below has been delivered here.
    package var delivered: UInt64 { cursor }

    /// Passes over what another member has delivered already, whose state this one has been given. By then every member
    /// has received it.
    package mutating func skip(to position: UInt64) throws(ProtocolError) {
        observe()
        let all = max(stable, position)
        stable = position
        while try take(upTo: .max, { _, _ in }) > 0 {}
        stable = all
    }
}
