/// Where a call goes that is left for later. Code that ``Replicated(level:)`` generates encodes the call.
public struct Outlet: Sendable {
    private enum Destination {
        case timer(LockstepSystem, due: Timestamp)
        case group(LockstepSystem, Outbox.Target)
        case writer(CallWriter)
    }

    private let destination: Destination

    init(_ system: LockstepSystem, due: Timestamp) { destination = .timer(system, due: due) }

    init<Target: ReplicatedActor>(_ system: LockstepSystem, _ target: GroupReference<Target>) {
        destination = .group(system, Outbox.Target(group: target.group, type: Target.schema.type))
    }

    init(_ writer: CallWriter) { destination = .writer(writer) }

    /// Leaves the call of a method, by its number in ``ActorSchema``.
    ///
    /// - Throws: ``LockstepError/Code/outboxFull`` or ``LockstepError/Code/encodingFailed``; then nothing was left.
    public func leave(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> EffectID {
        var call = CallArguments()
        switch destination {
        case .timer(let system, let due):
            return try system.leave { id, now, effects in
                call.begin(CallHeader(.call, method: method, stamp: now.nanoseconds))
                try call.addAll(arguments)
                try effects.timers.set(Timers.Timer(due: due, call: call.bytes), at: id.place)
            }
        case .group(let system, let target):
            return try system.leave { id, now, effects in
                try call.begin(forwarded: method, as: id, stamp: now.nanoseconds)
                try call.addAll(arguments)
                try effects.outbox.add(Outbox.Entry(target: target, bytes: call.bytes), at: id.place)
            }
        case .writer(let writer):
            try call.addAll(arguments)
            return writer.note(EncodedCall(method: method, arguments: call.bytes))
        }
    }
}

/// The updates of an actor as another update leaves them for later. ``Replicated(level:)`` makes it.
public protocol DeferredCalls: Sendable {
    /// Makes what encodes the calls for an outlet.
    init(_ outlet: Outlet)
}

/// A group of a certain actor, for those whose updates call it: a value that may be a constant or a part of the state.
///
/// ```swift
/// let ledger = GroupReference<Ledger>("ledger")
/// ```
public struct GroupReference<Target: ReplicatedActor>: Sendable, Hashable, Codable, ExpressibleByStringLiteral {
    /// The group's name.
    public let group: GroupID

    /// Refers to a group, which need not exist yet.
    public init(_ group: GroupID) { self.group = group }

    /// Refers to a group, which need not exist yet.
    public init(stringLiteral name: String) { group = GroupID(name) }
}
