/// What changes the catalogue, in its total order.
enum CatalogueUpdate: Codable, Sendable {
    /// The sender hosts a group.
    case host(Registration)
    /// The sender has got the state of a group that it came to later than others.
    case restored(group: String)
    /// The sender's function has laid a group out.
    case laidOut(group: String, question: UInt64, LayoutPoll.Answer)
    /// The sender is about to leave the cluster.
    case leaving
    /// The sender cannot take the state that it was given of a group.
    case refused(group: String, reason: String)

    init(_ payload: UnsafeRawBufferPointer) throws { self = try WireReader.value(in: payload) }

    func encoded() throws -> CallArguments {
        var bytes = CallArguments()
        try bytes.add(self)
        return bytes
    }
}

/// A member hosts a group.
struct Registration: Codable, Sendable {
    let group: String
    let schema: ActorSchema
    let plan: LayoutPlan
    /// False if whoever comes later need not be given anything.
    let hasState: Bool
    let place: ShardPlace
    /// What the group's messages travel on, which gives it its poller.
    let strand: Int

    init(
        group: GroupID, schema: ActorSchema, plan: LayoutPlan = GroupLayout.everyone.plan, hasState: Bool = true,
        place: ShardPlace, strand: Int = 0
    ) {
        self.strand = strand
        self.group = group.name
        self.schema = schema
        self.plan = plan
        self.hasState = hasState
        self.place = place
    }

    enum Outcome: Sendable {
        /// The group's memory on the member is there: where it was registered first, if it was before.
        case accepted(at: ShardPlace)
        /// Another member has registered a schema that this one does not go together with, for this reason.
        case differs(String)
        /// The other members have this layout.
        case layoutDiffers(String)
        /// The other members have given it this poller.
        case pollerDiffers(Int)
        /// The memory that it names is not in the member's region.
        case misplaced
        /// Every member that had the group's state is gone.
        case stateLost
    }
}
