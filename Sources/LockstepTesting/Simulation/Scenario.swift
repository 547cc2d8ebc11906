import LockstepProtocol

/// What happens in one simulation: who is there, what is sent, and what goes wrong. Drawn from the seed.
package struct Scenario: Sendable {
    package struct Group: Sendable {
        /// The nodes of the members, in rank order.
        package let nodes: [Int]
        /// Where each member keeps its line and ring.
        package let members: [ShardLayout.Member]
        package let view: UInt64
        package let nullWindow: UInt64
        package let delivery: OrderedMulticast.DeliveryOrder

        /// The places of those who send.
        package var senders: [Int] { members.indices.filter { !members[$0].ring.isEmpty } }
    }

    /// Messages that a member wants to send at one time.
    package struct Burst: Sendable {
        package let time: Int64
        package let group: Int
        /// The sender's place among the members.
        package let member: Int
        package let sizes: [Int]
    }

    /// How the program at a node writes its messages.
    package struct Writing: Sendable {
        /// The longest time from a claim to its commit.
        package let holdMax: Int
        /// One in so many claims is abandoned; 0 for none.
        package let abandonOneIn: Int
        /// How many messages of one size it claims at once, at most.
        package let batchMax: Int
    }

    /// A node that gets no processor for a while; what is pushed to it arrives all the same.
    package struct Pause: Sendable {
        package let node: Int
        package let time: Int64
        package let duration: Int64
    }

    /// How slow a node is.
    package struct Pace: Sendable {
        /// The longest delays before a turn and before each step of it.
        package let turn: Int
        package let step: Int
        /// How many messages a shard delivers in one turn at most.
        package let deliveriesMax: Int
        package static let calm = Pace(turn: 5, step: 0, deliveriesMax: .max)
    }

    /// What is in the memory before the start.
    package enum Leftovers: String, CaseIterable, Sendable {
        case zeroes, lastView, garbage
    }

    package let nodeCount: Int
    package let groups: [Group]
    package let regionSize: Int
    package let bursts: [Burst]
    package let pauses: [Pause]
    package let paces: [Pace]
    package let writings: [Writing]
    /// True if pushes are visible at once.
    package let isCoherent: Bool
    package let delays: SimulatedNetwork.Delays
    package let leftovers: Leftovers
    /// When all faults end.
    package let healTime: Int64

    /// How many messages it sends, and to how many members in all.
    package var messageCount: Int { bursts.reduce(0) { $0 + $1.sizes.count } }
    package var memberCount: Int { groups.reduce(0) { $0 + $1.nodes.count } }
}

extension Scenario.Group: CustomStringConvertible {
    package var description: String {
        let places = nodes.indices.map { place in
            let ring = members[place].ring.count
            return "member \(place) is node \(nodes[place])" + (ring > 0 ? ", ring of \(ring)" : "")
        }
        return "view \(view), null window \(nullWindow), order of \(delivery); \(places.joined(separator: "; "))"
    }
}

extension Scenario: CustomStringConvertible {
    package var description: String {
        let shapes = groups.map { "\($0.senders.count) of \($0.nodes.count) members send" }
        return """
            \(nodeCount) nodes; \(groups.count) groups: \(shapes.joined(separator: ", ")); \
            \(messageCount) messages; \(pauses.count) pauses; \
            \(isCoherent ? "pushes are visible at once" : "links take \(delays.least) to \(delays.most) ns"); memory starts with \(leftovers)
            """
    }
}
