/// Which of the nodes that host a group have its replicas.
///
/// ```swift
/// let stock = try await node.host("stock", layout: .replicas(3)) { Stock(actorSystem: $0) }
/// ```
///
/// Every member gives the group the same layout, and each view is laid out anew: whoever has a replica keeps it, and for
/// those who are gone others take over. A layout is a function of the members of the view and of who has replicas already,
/// so that all members come to the same without asking.
///
/// Where a view has too few nodes for the layout, the group is **suspended**: its calls wait, until their deadline, and go
/// on when a later view has enough.
public struct GroupLayout: Sendable, CustomStringConvertible {
    let plan: LayoutPlan
    /// What the user has given, for a plan that has none of its own.
    private let function: (@Sendable (LayoutRequest) throws -> [[View.Member]])?

    private init(
        _ plan: LayoutPlan, _ function: (@Sendable (LayoutRequest) throws -> [[View.Member]])? = nil
    ) {
        self.plan = plan
        self.function = function
    }

    /// A replica on every node that hosts the group.
    public static let everyone = GroupLayout(.everyone(atLeast: 1))

    /// A replica on every node that hosts the group, which is suspended where there are fewer than so many.
    public static func everyone(atLeast least: Int) -> GroupLayout { GroupLayout(.everyone(atLeast: least)) }

    /// So many replicas, on nodes that are apart: in different zones, or else racks, or else hosts, as far as their
    /// ``NodeLabels`` tell. The other nodes are **spares**: they take over for those who are gone.
    ///
    /// - Parameter least: With fewer the group is suspended; by default more than half of `count`.
    public static func replicas(_ count: Int, atLeast least: Int? = nil) -> GroupLayout {
        .shards(1, replicas: count, atLeast: least)
    }

    /// A group in parts, each with so many replicas that are apart, and the parts spread evenly. A group of more than one
    /// part can be laid out, and not hosted yet.
    ///
    /// - Parameter least: With fewer replicas of any part the group is suspended; by default more than half of `count`.
    public static func shards(_ shardCount: Int, replicas count: Int, atLeast least: Int? = nil) -> GroupLayout {
        GroupLayout(.spread(shards: shardCount, replicas: count, atLeast: least ?? count / 2 + 1))
    }

    /// A layout of your own.
    ///
    /// The function must give the same on every member for the same request. The members tell each other what it gave: if
    /// it differs or throws, the group is suspended, and its status says who gave what.
    ///
    /// ```swift
    /// let onSolidState = GroupLayout.custom("on solid state") { request in
    ///     [Array(request.members.filter { $0.labels["disk"] == "ssd" }.prefix(3))]
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: Tells it from others: all members must give the same.
    ///   - function: Says for each shard who has its replicas. No replicas suspend the group.
    public static func custom(
        _ name: String, _ function: @escaping @Sendable (LayoutRequest) throws -> [[View.Member]]
    ) -> GroupLayout {
        GroupLayout(.custom(name), function)
    }

    /// Who has the replicas of each shard.
    ///
    /// - Throws: What a function of the user's throws.
    public func assign(_ request: LayoutRequest) throws -> [[View.Member]] {
        try function?(request) ?? plan.assign(request)
    }

    /// The same as a member tells it to the others.
    func answer(_ request: LayoutRequest) -> LayoutPoll.Answer {
        do {
            return .replicas(try assign(request).joined().map(\.incarnation).sorted())
        } catch {
            return .failed("\(error)")
        }
    }

    /// For people: `3 replicas`.
    public var description: String { plan.description }

    func check() throws(LockstepError) {
        if let flaw = plan.flaw { throw LockstepError(.invalidConfiguration, flaw) }
    }
}

/// What a layout goes by.
public struct LayoutRequest: Sendable, Hashable {
    /// The nodes that may have replicas, in rank order: longer members come first.
    public let members: [View.Member]
    /// For each shard, those of them that have its replicas already; fewer shards, or none, as long as there are no
    /// replicas.
    public let current: [[View.Member]]

    /// Nodes in rank order, and those of them that have replicas already.
    public init(members: [View.Member], current: [[View.Member]] = []) {
        self.members = members
        self.current = current
    }
}
