import CLockstep
import Crypto
import Glibc
import Logging

/// The thread of a ``ClientServer``: a loop that sleeps until somebody says something. What it does then takes no longer
/// with many clients than with few.
final class ClientServerLoop {
    private let desk: ClientDesk
    private let cluster: String
    private let key: SymmetricKey
    /// The keys behind the first in `ready` are theirs, and those behind them the guests'.
    private var doors: [ClientDoor]
    private let orders: ClientServerOrders
    private let ready: ReadySet
    private var guests: [UInt64: ClientGuest] = [:]
    private var guestsEver: UInt64
    /// Nobody is to be left before that.
    private var nextExpiry = Int64.max
    private var hasEnded = false
    private var door: DoorLog

    init(
        _ desk: ClientDesk, cluster: String, _ key: SymmetricKey, _ doors: [ClientDoor], _ orders: ClientServerOrders,
        _ ready: ReadySet, _ logger: Logger
    ) {
        self.desk = desk
        self.cluster = cluster
        self.key = key
        self.doors = doors
        self.orders = orders
        self.ready = ready
        guestsEver = UInt64(doors.count)
        door = DoorLog(logger)
    }

    func run() {
        _ = ready.watch(.init(pollfd(reading: orders.wake.reader)), as: 0)
        while !hasEnded {
            // A door that rests is not looked at.
            for index in doors.indices {
                _ = ready.watch(.init(doors[index].listener.polled), as: UInt64(index + 1))
            }
            for key in ready.wait(until: nextDeadline) { look(at: key) }
            expire()
        }
        guests.values.forEach { $0.close() }
        orders.wake.close()
    }

    private func look(at key: UInt64) {
        if key == 0 { return orders.take().forEach(follow) }
        if key <= doors.count { return admit(at: Int(key) - 1) }
        guard let guest = guests[key] else { return }
        guard guest.connection.flush() else { return close(guest) }
        receive(from: guest)
        tell(guest)
        watch(guest)
    }

    /// Waits for what the guest's connection waits for.
    private func watch(_ guest: ClientGuest) {
        guard guests[guest.number] != nil else { return }
        if !ready.watch(.init(guest.connection.polled), as: guest.number) { close(guest) }
    }

    // MARK: - Coming and going

    private func admit(at index: Int) {
        let address = doors[index].address
        for socket in doors[index].listener.acceptAll() {
            guard let peer = try? socket.peer(), peer.user == getuid() else { continue }
            guestsEver += 1
            let connection = ClientConnection(
                socket, as: .called, at: ClientConnection.place(of: address, in: cluster), key: key)
            let guest = ClientGuest(
                guestsEver, connection, silentUntil: lockstep_monotonic_ns() + ControlLimit.silenceNanoseconds)
            guests[guestsEver] = guest
            nextExpiry = min(nextExpiry, guest.deadline)
            watch(guest)
            makeRoom()
        }
    }

    /// Who only holds the door open goes first.
    private func makeRoom() {
        guard guests.count > ClientLimit.connectionsMax else { return }
        let strangers = guests.values.filter { !$0.isKnown }
        guard
            let first = (strangers.isEmpty ? Array(guests.values) : strangers).min(by: {
                $0.silentUntil < $1.silentUntil
            })
        else { return }
        reject(first, "The node \"\(desk.node)\" has \(ClientLimit.connectionsMax) clients. Call another.")
    }

    private func reject(_ guest: ClientGuest, _ sentence: String) {
        door.note(because: sentence)
        _ = guest.connection.send(.reject(sentence: sentence))
        close(guest)
    }

    private func close(_ guest: ClientGuest) {
        _ = ready.watch(nil, as: guest.number)
        guest.close()
        guests[guest.number] = nil
    }

    private func expire() {
        let now = lockstep_monotonic_ns()
        for index in doors.indices { doors[index].listener.rested(by: now) }
        guard nextExpiry <= now else { return }
        for guest in guests.values where guest.deadline <= now { close(guest) }
        nextExpiry = guests.values.map(\.deadline).min() ?? .max
    }

    private var nextDeadline: Int64? {
        let next = doors.compactMap(\.listener.restsUntil).reduce(nextExpiry, min)
        return next == .max ? nil : next
    }

    // MARK: - Hearing

    private func receive(from guest: ClientGuest) {
        // A bounded number, so that nobody keeps the others waiting.
        let messagesMax = 64
        for _ in 0..<messagesMax where guests[guest.number] != nil {
            switch guest.connection.receive() {
            case .nothing: return
            case .message(let message): understand(message, of: guest)
            case .end(nil): return close(guest)
            case .end(.otherKey?):
                return reject(guest, "The client has another key than the cluster \"\(cluster)\".")
            case .end(.otherVersion(let theirs)?):
                return reject(
                    guest,
                    """
                    The node "\(desk.node)" speaks version \(ControlLimit.wireVersion), and the client version \(theirs): run \
                    one release of Lockstep.
                    """)
            case .end(.malformed(let flaw)?):
                return reject(guest, "The node \"\(desk.node)\" cannot read a message of the client: \(flaw).")
            }
        }
    }

    private func understand(_ message: ClientMessage, of guest: ClientGuest) {
        switch message {
        case .hello(let cluster, let name) where !guest.isKnown:
            guard cluster == self.cluster, guest.connection.socket?.mayBe(name) == true else {
                return reject(
                    guest,
                    "The client \"\(name)\" of \"\(cluster)\" is at a node of \"\(self.cluster)\", or not who it says.")
            }
            guest.isKnown = true
            say(members(), to: guest)
        case .request(let number, let request) where guest.isKnown:
            begin(request, as: number, of: guest)
        case .ping where guest.isKnown:
            say(.pong, to: guest)
        default:
            reject(
                guest, "The node \"\(desk.node)\" cannot read a message of the client: it does not come at this time.")
        }
    }

    private func members() -> ClientMessage {
        let view = desk.registry.view
        return .members(
            view: view.number, speaker: view.me.incarnation, view.members.map { MeshNode($0) })
    }

    private func begin(_ request: ClientRequest, as number: UInt64, of guest: ClientGuest) {
        guard guest.unanswered < ClientLimit.requestsMax else {
            let error = LockstepError(.notExecuted, "The client has \(ClientLimit.requestsMax) unanswered requests.")
            return say(.refusal(number, because: error), to: guest)
        }
        guest.unanswered += 1
        do {
            // So that nobody has more ways than there are groups.
            let channel = try desk.registry.channel(to: request.group)
            if case .watch(_, let session, let version) = request {
                try watch(channel, for: session, after: version, guest)
                reply(.answer(number, ClientAnswer(version: version, outcome: .result([]))), to: guest)
            } else {
                if case .close(_, let session) = request { guest.watches[session] = nil }
                way(to: request.group, of: guest).yield((number, request))
            }
        } catch {
            reply(.refusal(number, because: error), to: guest)
        }
    }

    /// Requests to one group begin in their order, and do not wait for those to another.
    private func way(to group: GroupID, of guest: ClientGuest) -> AsyncStream<ClientGuest.Job>.Continuation {
        if let way = guest.ways[group] { return way }
        let (jobs, way) = AsyncStream.makeStream(of: ClientGuest.Job.self)
        let (desk, orders, guestNumber) = (desk, orders, guest.number)
        Task {
            for await job in jobs {
                await desk.begin(job.request, as: job.number) { orders.give(.reply(to: guestNumber, $0)) }
            }
        }
        guest.ways[group] = way
        return way
    }

    private func watch(
        _ channel: CallChannel, for session: SessionKey, after version: UInt64, _ guest: ClientGuest
    ) throws(LockstepError) {
        if let refusal = channel.queue.refusal { throw refusal }
        guard guest.watches.count < ClientLimit.watchesMax || guest.watches[session] != nil else {
            throw LockstepError(.tooManyClients, "The client watches groups by \(ClientLimit.watchesMax) sessions.")
        }
        guard let type = channel.actorType else { preconditionFailure("the group of an actor must know its type") }
        guest.watches[session] = ClientWatch(channel.queue.changes, type, for: session, after: version)
    }

    // MARK: - Speaking

    private func follow(_ order: ClientServerOrders.Order) {
        switch order {
        case .reply(let number, let message): if let guest = guests[number] { reply(message, to: guest) }
        case .news(let session, let number, let reply):
            guard let guest = guests[number] else { return }
            guest.watches[session]?.note(reply)
            tell(guest)
        case .view:
            let members = members()
            for guest in guests.values where guest.isKnown { say(members, to: guest) }
        case .stop: hasEnded = true
        }
    }

    private func reply(_ message: ClientMessage, to guest: ClientGuest) {
        // Behind what one of all members has said, more comes.
        if case .said = message {} else { guest.unanswered -= 1 }
        say(message, to: guest)
    }

    /// Who does not read, so that too much waits, is left.
    private func say(_ message: ClientMessage, to guest: ClientGuest) {
        guard guest.connection.send(message) else { return close(guest) }
        watch(guest)
    }

    /// Tells what the groups have published that the client watches, as far as it reads.
    private func tell(_ guest: ClientGuest) {
        for (session, watch) in guest.watches where !watch.isWaiting {
            do {
                let (orders, number) = (orders, guest.number)
                while guests[number] != nil, guest.connection.waitingBytes < ClientLimit.changesBytesMax,
                    let message = try watch.next(news: { orders.give(.news(session, for: number, $0)) })
                {
                    say(message, to: guest)
                }
            } catch {
                // The group has ended here: the client finds another member.
                close(guest)
            }
        }
    }
}
