/// What a client needs to know to find its cluster.
///
/// ```swift
/// var configuration = ClientConfiguration(cluster: "warehouse")
/// configuration.seeds = ["10.0.0.1:7400", "10.0.0.2:7400"]   // for members of other hosts
/// ```
public struct ClientConfiguration: Sendable, Hashable {
    /// The cluster's name, as in ``NodeConfiguration/cluster``.
    public var cluster: String
    /// The client's name, for logs, and for its certificate: clients need not have different ones.
    public var name = "client"
    /// What all nodes of the cluster know, and its clients.
    public var key = ClusterKey.ofThisUser
    /// Members on other hosts: any of them, by where they listen. From one that it reaches, the client learns of the others.
    /// Members of this host that share memory are found by the cluster's name.
    public var seeds: [NodeAddress] = []
    /// What protects connections to other hosts; the same as the nodes have in ``NodeConfiguration/fabric``. With TLS, the
    /// client shows a certificate for ``name`` as a node does.
    public var security = FabricChoice.Security.tls()
    /// How long ``Client/connect(_:logger:)`` looks for a member.
    public var connectTimeout: Duration = .seconds(30)
    /// How long a call may take, with all attempts.
    public var callTimeout: Duration = .seconds(30)
    /// How long the groups keep the client's session when they do not hear of it: from a tenth of a second to a day. After
    /// that, calls fail with ``LockstepError/Code/sessionExpired``.
    public var sessionTimeout: Duration = .seconds(30)
    /// A member that was asked for something and says nothing for so long is given up, and another one is called: at least 20
    /// milliseconds. If nothing is asked for, that takes up to twice as long. The death of a process of this host is noticed
    /// at once.
    public var failureTimeout: Duration = .seconds(3)
    /// How many of the last changes that a group publishes are kept for those who read ``Group/changes``.
    public var changesKept = 1024

    /// A configuration with the defaults for everything else.
    public init(cluster: String) { self.cluster = cluster }

    func check() throws(LockstepError) {
        try Self.require(
            NodeConfiguration.isName(cluster) && NodeConfiguration.isName(name),
            "The names of clusters and clients must be 1 to 64 of the characters A-Z a-z 0-9 . _ -"
        )
        for (timeout, setting) in [(connectTimeout, "connectTimeout"), (callTimeout, "callTimeout")] {
            try Self.require(timeout > .zero, "`\(setting)` must be more than nothing, and is \(timeout).")
        }
        try Self.require(
            ClientSessions.timeouts.contains(sessionTimeout.nanoseconds),
            "`sessionTimeout` must be a tenth of a second to a day, and is \(sessionTimeout)."
        )
        try Self.require(
            failureTimeout >= .milliseconds(20) && failureTimeout <= .seconds(30),
            "`failureTimeout` must be 20 milliseconds to 30 seconds, and is \(failureTimeout)."
        )
        try Self.require(changesKept >= 0, "`changesKept` must be 0 or more, and is \(changesKept).")
        for seed in seeds {
            try Self.require(
                (1...65_535).contains(seed.port), "A seed needs a port from 1 to 65535, and \(seed) has none.")
        }
    }

    private static func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(LockstepError) {
        guard condition else { throw LockstepError(.invalidConfiguration, sentence()) }
    }
}
