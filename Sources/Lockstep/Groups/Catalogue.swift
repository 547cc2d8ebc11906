import LockstepFabric
import LockstepProtocol

/// The groups of a cluster: what each member hosts, with which methods, and where its line and ring lie.
///
/// It is a group itself, the first of every view, at a place that all members know. A registration is an update in
/// its total order, so that every member agrees who was first and from when on a group is complete.
final class Catalogue: Replica {
    static let group = GroupID("lockstep.catalogue")
    static let shard = 0
    static let bell = 0
    static let ringSize = 1 << 16

    private let view: View
    /// The size of each member's region, in rank order.
    private let regionSizes: [Int]
    private var groups: [String: Entry] = [:]
    private var complete: [CompleteGroup] = []
    /// The catalogue's own bell is 0.
    private var bellsEver = Catalogue.bell
    private(set) var updates: UInt64 = 0

    private struct Entry {
        var places: [Int: ShardPlace] = [:]
        /// By rank, as the places.
        var schemas: [Int: ActorSchema] = [:]
        /// Given once: a member that registers again must not be alone with a new one.
        let bell: Int
    }

    /// A group that every member hosts.
    struct CompleteGroup {
        let group: GroupID
        /// The number that all members know its shard by.
        let bell: Int
        let layout: ShardLayout
        let missingMethods: MissingMethods
    }

    init(view: View, regionSizes: [Int]) {
        self.view = view
        self.regionSizes = regionSizes
    }

    /// The catalogue's own shard: the first that every node takes from its region.
    static func layout(of view: View) -> ShardLayout {
        let places = view.members.map { _ in ShardPlace.catalogue }
        return layout(of: view, places: places)
    }

    private static func layout(of view: View, places: [ShardPlace]) -> ShardLayout {
        ShardLayout(
            view: view.number,
            members: places.enumerated().map { rank, place in
                .init(peer: Peer(rank), line: place.line, ring: place.ring..<place.ring + place.ringSize)
            },
            me: view.rank
        )
    }

    /// The members that do not host a group yet, by name.
    func missing(in group: GroupID) -> [String] {
        guard group != Catalogue.group else { return [] }
        let places = groups[group.name]?.places ?? [:]
        return view.members.filter { places[$0.rank] == nil }.map(\.name)
    }

    /// The groups that became complete since the last call.
    func takeComplete() -> [CompleteGroup] {
        defer { complete.removeAll() }
        return complete
    }

    func stateHash() -> UInt64 { 0 }

    // MARK: - Replica

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        let before = updates
        while let message = try core.next() {
            updates += 1
            var pending: PendingReply?
            if case .reply(let reply, _) = own.take(message) { pending = reply }
            register(message, pending)
        }
        return updates > before
    }

    private func register(_ message: OrderedMulticast.Message, _ pending: PendingReply?) {
        do {
            let outcome = register(try Registration(message.payload), rank: message.sender)
            pending?.succeed(outcome)
        } catch {
            pending?.fail(LockstepError(.decodingFailed, "A registration cannot be read: \(error)", cause: error))
        }
    }

    private func register(_ registration: Registration, rank: Int) -> Registration.Outcome {
        var entry = groups[registration.group] ?? makeEntry()
        for (other, schema) in entry.schemas.sorted(by: { $0.key < $1.key }) where other != rank {
            let difference = registration.schema.difference(
                from: schema, here: view.members[rank].name, there: view.members[other].name
            )
            if let difference { return .differs(difference) }
        }
        guard registration.place.isValid(in: regionSizes[rank]) else { return .misplaced }
        // A registration whose outcome its member never learnt stays: the others may have read that place already.
        let place = entry.places[rank] ?? registration.place
        entry.places[rank] = place
        entry.schemas[rank] = registration.schema
        groups[registration.group] = entry
        if entry.places.count == view.members.count { finish(registration.group, entry) }
        return .accepted(at: place)
    }

    private func makeEntry() -> Entry {
        bellsEver += 1
        return Entry(bell: bellsEver)
    }

    private func finish(_ group: String, _ entry: Entry) {
        let places = view.members.compactMap { entry.places[$0.rank] }
        let layout = Catalogue.layout(of: view, places: places)
        let missing = MissingMethods(
            view.members.compactMap { member in entry.schemas[member.rank].map { (member.name, $0) } }
        )
        complete.append(
            CompleteGroup(group: GroupID(group), bell: entry.bell, layout: layout, missingMethods: missing)
        )
    }
}

/// A member hosts a group: an update of the catalogue.
struct Registration: Codable, Sendable {
    let group: String
    let schema: ActorSchema
    let place: ShardPlace

    enum Outcome: Sendable {
        /// The group's memory on the member is there: where it was registered first, if it was before.
        case accepted(at: ShardPlace)
        /// Another member has registered a schema that this one does not go together with, for this reason.
        case differs(String)
        /// The memory that it names is not in the member's region.
        case misplaced
    }

    init(group: GroupID, schema: ActorSchema, place: ShardPlace) {
        self.group = group.name
        self.schema = schema
        self.place = place
    }

    init(_ payload: UnsafeRawBufferPointer) throws {
        var reader = WireReader(payload)
        self = try reader.read(Registration.self)
        try reader.finish()
    }

    func encoded() throws -> CallArguments {
        var bytes = CallArguments()
        try bytes.add(self)
        return bytes
    }
}

/// Where a member keeps its part of a shard in its region.
struct ShardPlace: Codable, Sendable, Hashable {
    let line: Int
    let ring: Int
    /// 0 for a member that does not send.
    let ringSize: Int

    /// The first allocations of every region.
    static let catalogue = ShardPlace(
        line: SharedMemoryRegion.firstAllocation,
        ring: SharedMemoryRegion.firstAllocation + Line.size,
        ringSize: Catalogue.ringSize
    )

    /// True if a member can keep its part of a shard there: what a peer says is checked before it is used.
    func isValid(in regionSize: Int) -> Bool {
        (ringSize == 0
            || ringSize.nonzeroBitCount == 1 && (Record.ringSizeMin...Record.ringSizeMax).contains(ringSize))
            && ringSize <= regionSize && line % 64 == 0 && ring % 64 == 0
            && (0...regionSize - Line.size).contains(line) && (0...regionSize - ringSize).contains(ring)
    }

    /// Takes memory for a shard.
    static func allocate(in region: SharedMemoryRegion, ringSize: Int) throws(FabricError) -> ShardPlace {
        let line = try region.allocate(Line.size)
        let ring = ringSize > 0 ? try region.allocate(ringSize) : line
        return ShardPlace(line: line, ring: ring, ringSize: ringSize)
    }
}
