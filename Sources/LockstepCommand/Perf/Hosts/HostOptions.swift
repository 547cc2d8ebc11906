import ArgumentParser
import Lockstep
import Logging

/// What a member is told that is started by hand, on a host of its own.
struct HostOptions: ParsableArguments {
    static let discussion = """
        To measure between hosts, start the same on each of them, with --cluster, --name and --seed. Then it is one of \
        the members and starts none. All must have the same options but for those of their own host. One of them prints \
        the report. The connections are protected with TLS, for which each host needs its certificate (see 'lockstep \
        certificate'), unless --fabric tcp or --plaintext is given.
        """

    @Option(help: "The name of a cluster: the members are started by hand, one on each host.")
    var cluster: String?

    @Option(help: "The name of this member, which no other has.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Where the members ask for each other: an address of one of their hosts. It is the same on all.",
            valueName: "host:port"))
    var seed: [NodeAddress] = []

    @Option(
        help: ArgumentHelp(
            """
            Where this member listens. Without it, at the seed if that is this host, and else at this host's address on \
            the way there.
            """, valueName: "host:port"))
    var listen: NodeAddress?

    @Option(
        help: "The file with the cluster's key; without it, the key of this user, which must be the same on all hosts.")
    var key: String?

    @Option(help: "The folder with this member's certificate; without it, /etc/lockstep/CLUSTER/NAME.")
    var credentials: String?

    @Option(help: "The RDMA device; without it, one that has the address where this member listens, if there is such.")
    var device: String?

    @Flag(help: "With --fabric verbs: the members agree over connections without encryption.")
    var plaintext = false

    @Option(help: "For how many milliseconds a member may be silent.")
    var failureTimeout = 1000

    /// The fabric that is measured, if none is asked for.
    func choose(_ fabric: PerfFabric?) -> PerfFabric { fabric ?? (cluster == nil ? .sharedMemory : .tls) }

    /// Throws a sentence about what does not fit.
    func check(_ fabric: PerfFabric?, members: Int) throws {
        guard cluster != nil else {
            let isEmpty =
                name == nil && seed.isEmpty && listen == nil && key == nil && credentials == nil && device == nil
                && !plaintext
            guard isEmpty else {
                throw ValidationError(
                    "What is said of this host is for members that are started by hand: add --cluster.")
            }
            return
        }
        guard name != nil, !seed.isEmpty else {
            throw ValidationError("With --cluster, --name and --seed are needed too.")
        }
        guard members > 1 else { throw ValidationError("With --cluster, --members must be at least 2.") }
        switch choose(fabric) {
        case .sharedMemory:
            throw ValidationError("Members of several hosts share no memory: --fabric must be tls, tcp or verbs.")
        case .tcp, .tls:
            guard !plaintext else {
                throw ValidationError("--plaintext is for --fabric verbs: --fabric tcp is TCP without encryption.")
            }
            guard device == nil else { throw ValidationError("--device is for --fabric verbs.") }
        case .verbs: break
        }
        try ValidationError.check(failureTimeout, in: 20...60_000, named: "--failure-timeout")
    }

    /// This member of a measurement with so many; nil if it is to start all members itself.
    func member(of count: Int, over fabric: PerfFabric?, pollers: Int) throws -> HostMember? {
        guard let cluster, let name else { return nil }
        let fabric = choose(fabric)
        let security: FabricChoice.Security =
            fabric == .tcp || plaintext ? .plaintext : .tls(credentials.map { .folder($0) } ?? .ofThisHost)
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: count)
        configuration.fabric = fabric.choice(device: device, security)
        configuration.seeds = seed
        configuration.listen = try listen ?? ownAddress()
        configuration.pollers = .count(pollers)
        if let key { configuration.key = .file(key) }
        configuration.joinTimeout = PerfLimits.joinByHand
        configuration.failureTimeout = .milliseconds(failureTimeout)
        return HostMember(configuration: configuration)
    }

    private func ownAddress() throws -> NodeAddress {
        var own: NodeAddress?
        for seed in seed {
            let address = try SocketAddress(seed)
            if address.isOfThisHost { return seed }
            own = own ?? address.wayFromHere()?.numeric.map { NodeAddress($0.host, port: 0) }
        }
        guard let own else {
            throw ValidationError("No way leads from this host to a seed: mend the network, or give --listen.")
        }
        return own
    }
}
