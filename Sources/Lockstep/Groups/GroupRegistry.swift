import LockstepFabric
import Synchronization

/// The groups that a node hosts, for those who call them from any thread.
final class GroupRegistry: Sendable {
    let poller: Poller
    let callTimeout: Duration
    let ringSize: Int
    private let region: SharedMemoryRegion
    private let state = Mutex(State())

    private struct State {
        var groups: [GroupID: CallChannel] = [:]
        /// The catalogue is the first.
        var shardsEver = Catalogue.shard + 1
        /// Memory of groups that could not be registered.
        var spare: [ShardPlace] = []
    }

    init(poller: Poller, region: SharedMemoryRegion, configuration: NodeConfiguration) {
        self.poller = poller
        self.region = region
        callTimeout = configuration.callTimeout
        ringSize = configuration.ringBytes
    }

    /// Reserves the name of a group that this node is about to host.
    func reserve(_ group: GroupID, _ schema: ActorSchema) throws(LockstepError) -> CallChannel {
        try state.withLock { state throws(LockstepError) in
            guard state.groups[group] == nil else {
                throw LockstepError(
                    .groupHostedTwice, "This node hosts \"\(group)\" already. Host it once, and share its handle."
                )
            }
            let channel = CallChannel(group: group, shard: state.shardsEver, schema: schema, registry: self)
            state.shardsEver += 1
            state.groups[group] = channel
            return channel
        }
    }

    /// Takes back a group that could not be registered.
    func release(_ group: GroupID, _ place: ShardPlace?) {
        state.withLock { state in
            state.groups[group] = nil
            if let place { state.spare.append(place) }
        }
    }

    /// Forgets every group: the node has left.
    func forget() { state.withLock { $0.groups = [:] } }

    /// Memory for a group's line and ring.
    func takePlace() throws -> ShardPlace {
        if let spare = state.withLock({ $0.spare.popLast() }) { return spare }
        do {
            return try ShardPlace.allocate(in: region, ringSize: ringSize)
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    /// The way to a group that this node hosts.
    func channel(to group: GroupID, as schema: ActorSchema) throws(LockstepError) -> CallChannel {
        guard let channel = state.withLock({ $0.groups[group] }) else {
            throw LockstepError(
                .groupNotHosted, "This node does not host \"\(group)\". Call `node.host` for it first."
            )
        }
        guard channel.schema == schema else {
            throw LockstepError(
                .schemaMismatch,
                "The group \"\(group)\" is of \(channel.schema.type), not of \(schema.type). Resolve it as that type."
            )
        }
        return channel
    }
}
