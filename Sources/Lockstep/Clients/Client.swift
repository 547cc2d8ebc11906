import Distributed
import Logging

/// This process as a client of a cluster: it calls groups through the members, and is none.
///
/// ```swift
/// let client = try await Client.connect(ClientConfiguration(cluster: "warehouse"))
/// let inventory = try await client.group(Inventory.self, "inventory")
/// print(try await inventory.receive(5, of: "bolt"))
/// await client.close()
/// ```
///
/// When its member dies the client goes on with another one, and every update runs once: the replicas know which of a
/// client's updates have run, and what they came to.
public final class Client: Sendable {
    /// What the client was connected with.
    public let configuration: ClientConfiguration
    private let core: ClientCore

    private init(_ configuration: ClientConfiguration, _ core: ClientCore) {
        self.configuration = configuration
        self.core = core
    }

    /// Finds a member of the cluster: on this host by the cluster's name, and on others by the seeds.
    ///
    /// - Parameters:
    ///   - configuration: The cluster's name, and how to reach and trust its members.
    ///   - logger: Gets what happens to the connections, at `debug`.
    /// - Throws: ``LockstepError``: ``LockstepError/Code/joinTimedOut`` if no member was found, and
    ///   ``LockstepError/Code/invalidConfiguration`` if they do not trust this client; or `CancellationError`.
    public static func connect(
        _ configuration: ClientConfiguration,
        logger: Logger = Logger(label: "lockstep", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws -> Client {
        try configuration.check()
        let core = try ClientCore(configuration, logger: logger)
        let reply = PendingReply(onCancel: .ends)
        core.orders.give(.submit(ClientCall(.connect, reply, deadline: configuration.connectTimeout.deadline)))
        try await reply.value(as: Void.self)
        return Client(configuration, core)
    }

    /// Who is in the cluster, by rank, as far as the client has heard.
    public var members: [View.Member] { core.orders.members }

    /// Opens a session with a group, and returns the handle to call it: the one that members have.
    ///
    /// Updates and queries work as they do on a member, and so do the handle's `pipeline` and `on(_:)`, ``Group/changes``, and
    /// `all` for methods that are no updates.
    /// What needs a replica of one's own throws ``LockstepError/Code/unsupported``. What a method throws comes as
    /// ``LockstepError/Code/methodThrew``, with its description.
    ///
    /// The session lasts until ``close()``, or until the group has not heard of the client for
    /// ``ClientConfiguration/sessionTimeout``: then calls throw ``LockstepError/Code/sessionExpired``, and asking for the
    /// group again opens another session.
    ///
    /// - Parameters:
    ///   - type: The actor.
    ///   - group: The group's name.
    ///   - policy: Which member is called.
    /// - Throws: ``LockstepError``: ``LockstepError/Code/groupNotHosted`` if no member hosts the group in time,
    ///   ``LockstepError/Code/schemaMismatch`` if it is of another actor; or `CancellationError`.
    public func group<Replica: ReplicatedActor>(
        _ type: Replica.Type, _ group: GroupID, through policy: MemberPolicy = .first
    ) async throws -> Replica.Handle {
        try group.check()
        let channel = ClientChannel(
            core, group, Replica.schema, policy, changes: ChangeFeed(kept: configuration.changesKept)
        ) { bytes in
            let change: Replica.Change = try WireReader.value(in: bytes)
            return change
        }
        try await channel.open()
        return Replica.Handle(Group(channel))
    }

    /// Ends the sessions, and the connections with the members. Calls that wait fail. Nothing happens the second time.
    public func close() async {
        let reply = PendingReply(onCancel: .waitsOn)
        core.orders.give(.close(reply))
        try? await reply.value(as: Void.self)
    }
}

/// The thread of a client, as long as anybody has the client or a handle of it.
final class ClientCore: Sendable {
    let configuration: ClientConfiguration
    let orders: ClientOrders

    init(_ configuration: ClientConfiguration, logger: Logger) throws {
        self.configuration = configuration
        let identity = NodeIdentity(cluster: configuration.cluster, name: configuration.name)
        // Who stays on this host needs no certificate.
        let security =
            configuration.seeds.isEmpty
            ? StreamSecurity.plaintext : try StreamSecurity(configuration.security, of: identity, logger: logger)
        let key = try configuration.key.load()
        let orders = ClientOrders(wake: try PollWake())
        self.orders = orders
        _ = try BlockingThread.make(name: "lockstep-caller") {
            ClientLoop(configuration, key, security, orders, logger).run()
        }
    }

    deinit { orders.give(.close(PendingReply())) }
}
