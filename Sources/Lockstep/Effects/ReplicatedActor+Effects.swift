import Distributed

// An update cannot call out: it would do so on every replica, and wait. It leaves what is to be done in the state of
// its group, and one member does it.

extension ReplicatedActor {
    /// Leaves a call of this actor for later, as an update in the group's order.
    ///
    /// ```swift
    /// let timer = try after(.seconds(5)).expire(lock: id)
    /// ```
    ///
    /// It comes due when ``UpdateContext/now`` of this update is so long past, and runs once, soon after that. Only an
    /// update may leave something.
    public func after(_ delay: Duration) -> Deferred {
        Deferred(Outlet(actorSystem, due: actorSystem.context.now.later(by: delay)))
    }

    /// Takes back a timer; false if it has run, or was taken back before.
    @discardableResult
    public func cancel(_ timer: EffectID) -> Bool { actorSystem.cancel(timer) }

    /// Leaves a call of another group. It runs there once, and behind the calls that this group left for it before.
    ///
    /// ```swift
    /// try call(ledger).post(amount)
    /// ```
    ///
    /// Nobody waits for the result. If it throws there, ``effectFailed(_:)`` is called here. Only an update may leave
    /// something.
    public func call<Target: ReplicatedActor>(_ group: GroupReference<Target>) -> Target.Deferred {
        Target.Deferred(Outlet(actorSystem, group))
    }

    /// Leaves something to be done outside: one member gives it to the closure that its `host` was given, again and
    /// again until that does not throw.
    ///
    /// It may be done more than once; the identity tells. Only an update may leave something.
    ///
    /// - Throws: ``LockstepError/Code/outboxFull`` or ``LockstepError/Code/encodingFailed``; then nothing was left.
    @discardableResult
    public func perform(_ effect: Effect) throws -> EffectID {
        try actorSystem.leave { id, _, effects in
            var bytes = CallArguments()
            try bytes.addAll { try $0.add(effect) }
            try effects.outbox.add(Outbox.Entry(target: nil, bytes: bytes.bytes), at: id.place)
        }
    }

    /// Does nothing: the log tells of the failure.
    public func effectFailed(_ failure: EffectFailure) {}
}

extension Timestamp {
    /// At least this point, at most the last one.
    fileprivate func later(by delay: Duration) -> Timestamp {
        let (sum, isTooFar) = nanoseconds.addingReportingOverflow(max(delay.nanoseconds, 0))
        return Timestamp(nanoseconds: isTooFar ? .max : sum)
    }
}
