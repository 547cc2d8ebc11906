extension ReplicatedActor {
    /// Runs something in the isolation of the actor, on the thread of its poller or lane.
    ///
    /// `assumeIsolated` does the same, but asks the language's runtime which executor this is, and that takes longer than
    /// a call. A poller knows it by comparing two words.
    nonisolated func inIsolation<Value>(_ body: (isolated Self) throws -> Value) rethrows -> Value {
        actorSystem.checkIsolated()
        return try inIsolationOfItsMaker(body)
    }

    /// The same on any thread, for an instance that only its maker knows yet.
    nonisolated func inIsolationOfItsMaker<Value>(_ body: (isolated Self) throws -> Value) rethrows -> Value {
        typealias Unchecked = (Self) throws -> Value
        return try withoutActuallyEscaping(body) { try unsafeBitCast($0, to: Unchecked.self)(self) }
    }
}
