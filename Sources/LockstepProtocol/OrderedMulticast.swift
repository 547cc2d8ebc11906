import LockstepFabric

/// One shard at one member: atomic multicast in a total order, from counters that one writer raises and others read.
///
/// The order is round-robin over the senders: round `r` of the sender at place `i` of `k` is position `r·k + i`. A
/// round below `sent` without a record is a null, so skipping any number of rounds costs raising one counter. A
/// position is **stable** when every member has received all positions up to it; stable messages are delivered, in
/// order (Derecho's SMC over an SST: Jha et al., *Derecho: Fast State Machine Replication for Cloud Services*, 2019).
///
/// This is a plain value: it does no I/O, owns no thread and reads no clock. A turn of its poller is ``send(_:)``
/// for what was committed, ``observe()``, ``publish(_:)``, and ``next()`` until it returns nil.
@usableFromInline
package struct OrderedMulticast: Sendable {
    let layout: ShardLayout
    private let region: Region
    let rules: Rules
    private let keepsOrder: Bool
    private let tag: ViewTag
    let delivery: DeliveryOrder
    /// How many rounds an idle sender keeps ahead of those in use, so that nobody waits for its nulls.
    private let nullWindow: UInt64
    /// A view that delivers up to here has to end.
    private let positionMax: UInt64
    /// This node's place among the senders, nil if it does not send.
    let sendingPlace: Int?
    private var others: [Other]

    /// Unused if this node does not send.
    private var writer: RingWriter
    var sources: [Source]
    /// True if rounds were filled that nobody has looked into.
    private var hasMoreFilled = false
    /// What this node's line holds, and what of it has been pushed.
    private(set) var line = Counters()
    private var published = Counters()
    private var hasSpokenThisTurn = false
    private var releasedBytes = 0
    private let releasedBytesMax: Int
    /// Nothing from here on has been delivered, and in the total order everything below has.
    private(set) var cursor: UInt64 = 0
    /// Padding up to here has been stepped over, also in rounds that are not stable yet.
    private var paddedBelow: UInt64 = 0
    /// Every position below is stable.
    package internal(set) var stable: UInt64 = 0
    /// How much of the epoch is over.
    var stage = EpochStage.running
    /// The stability that others have been woken for.
    private var announced: UInt64 = 0

    /// A sender, and how far it has been read.
    struct Source {
        /// Its place among the members.
        let member: Int
        var reader: RingReader
        /// The position of the next message in its ring, `.max` if there was none at the last look.
        var next = UInt64.max
        /// Rounds that it has filled, as far as seen.
        var filled: UInt64 = 0
    }

    /// Another member, and what it said at the last look.
    private struct Other {
        let mirror: Mirror
        let line: Int
        /// Its place among the senders, nil if it does not send.
        let place: Int?
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var spoken: UInt64 = 0

        /// True if it has said more since.
        var hasNews: Bool {
            load(Line.received) != received || load(Line.sent) != sent || load(Line.spoken) != spoken
        }

        mutating func look() {
            received = load(Line.received)
            sent = load(Line.sent)
            spoken = load(Line.spoken)
        }

        func load(_ counter: Int) -> UInt64 { mirror.loadAcquiring(line &+ counter) }
    }

    struct Counters: Equatable {
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var released: UInt64 = 0
        var spoken: UInt64 = 0

        func write(to region: Region, at start: Int, _ tag: ViewTag) {
            region.storeReleasing(Counter.pack(spoken, tag), at: start + Line.spoken)
            region.storeReleasing(Counter.pack(released, tag), at: start + Line.released)
            region.storeReleasing(Counter.pack(sent, tag), at: start + Line.sent)
            region.storeReleasing(Counter.pack(received, tag), at: start + Line.received)
        }
    }

    /// When messages are delivered.
    package enum DeliveryOrder: Sendable, Hashable {
        /// In the total order, when stable.
        case total
        /// At once, in the order of each sender.
        case senders
    }

    /// A message to be delivered.
    ///
    /// `@unchecked Sendable`: it points into the memory of its sender, which nobody writes until it is released.
    @usableFromInline
    package struct Message: @unchecked Sendable {
        /// The sender's place among the members of the shard.
        @usableFromInline package let sender: Int
        /// Its place in the total order.
        @usableFromInline package let position: UInt64
        /// In the sender's ring; valid until the next ``OrderedMulticast/publish(_:)``.
        @usableFromInline package let payload: UnsafeRawBufferPointer

        package init(sender: Int, position: UInt64, payload: UnsafeRawBufferPointer) {
            self.sender = sender
            self.position = position
            self.payload = payload
        }
    }

    /// `mirrors` are those of the members, in their order; this node's own is its region.
    package init(
        layout: ShardLayout, region: Region, mirrors: [Mirror], delivery: DeliveryOrder = .total,
        rules: Rules = .all, nullWindow: UInt64 = 32, positionMax: UInt64 = OrderedMulticast.positionMax
    ) {
        let tag = rules.contains(.viewTag) ? layout.tag : layout.tag.unchecked
        self.layout = layout
        self.region = region
        self.rules = rules
        keepsOrder = rules.contains(.order)
        self.tag = tag
        self.delivery = delivery
        self.nullWindow = nullWindow
        self.positionMax = positionMax
        sendingPlace = layout.senders.firstIndex(of: layout.me)
        others = layout.members.indices.filter { $0 != layout.me }.map { member in
            Other(
                mirror: mirrors[member], line: layout.members[member].line,
                place: layout.senders.firstIndex(of: member)
            )
        }
        writer = RingWriter(region: region, ring: layout.members[layout.me].ring, tag: tag)
        sources = layout.senders.map {
            Source(
                member: $0, reader: RingReader(mirror: mirrors[$0], ring: layout.members[$0].ring, tag: tag))
        }
        let ringSizeMin = layout.senders.map { layout.members[$0].ring.count }.min() ?? 0
        releasedBytesMax = ringSizeMin / 8
        line.write(to: region, at: layout.members[layout.me].line, layout.tag)
    }

    /// Far enough from the end of the counters for whatever is on its way.
    package static let positionMax = Counter.countMax - (1 << 32)

    /// True if this node may send.
    package var isSender: Bool { sendingPlace != nil }

    // MARK: - Sending

    /// Gives committed messages the next rounds of this sender. False if claims behind this one have been given theirs
    /// already, and then nothing has changed: ``sendLate(_:from:)`` sends it.
    package mutating func send(_ commit: Commit) -> Bool {
        precondition(isSender && stage == .running, "only a sender may send, and not in a wedged view")
        if commit.isAbandoned {
            writer.abandon(commit.claim, round: line.sent)
        } else {
            guard writer.write(commit.claim, round: line.sent) else { return false }
            speak(commit.claim.count)
        }
        return true
    }

    /// The same for a claim that others have overtaken: its headers take space of their own.
    package mutating func sendLate(_ commit: Commit, from claims: inout RingClaims) {
        writer.writeLate(commit.claim, round: line.sent, claims: &claims)
        speak(commit.claim.count)
    }

    private mutating func speak(_ count: Int) {
        line.sent += UInt64(count)
        line.spoken = line.sent
        hasSpokenThisTurn = true
    }

    /// What those who claim have to be told: which space is free again.
    package mutating func takeProgress() -> RingProgress {
        guard let sendingPlace else { return RingProgress() }
        let released =
            rules.contains(.ringReuse) ? Self.least(Line.released, of: others, own: line.released, tag) : UInt64.max
        writer.free(released: released, of: sendingPlace, among: layout.senders.count)
        return writer.takeProgress()
    }

    // MARK: - A turn

    /// True if a turn may find something here: others have pushed since ``observe()``, or the last turn left something.
    ///
    /// Mutating, because it is asked often, and all of this would be copied to be read.
    package var hasNews: Bool {
        mutating get {
            hasMoreFilled || hasStable || owesRelease || hasFilledMore || others.contains { $0.hasNews }
        }
    }

    /// True if something may be delivered that has not been taken.
    package var hasStable: Bool {
        switch delivery {
        case .total: cursor < stable
        case .senders: sources.contains { $0.next < .max }
        }
    }

    /// True if this node has filled rounds that it has not received yet.
    private var hasFilledMore: Bool { sendingPlace.map { line.sent > sources[$0].filled } ?? false }

    /// Reads what the others have pushed: fills rounds for those who speak, and raises what is received and stable.
    package mutating func observe() {
        guard stage != .trimmed else { return }
        let (spoken, received) = readLines()
        if stage == .running || !rules.contains(.wedge) {
            fillNulls(upTo: spoken)
            line.received = Self.prefix(of: sources)
        }
        stable = rules.contains(.stability) ? min(received, line.received) : line.received
    }

    /// Takes the next messages, as many as there are and fit; 0 when there is none. They count as executed with the next
    /// ``publish(_:)``.
    package mutating func take(into messages: UnsafeMutableBufferPointer<Message>) throws(ProtocolError) -> Int {
        guard let start = messages.baseAddress else { return 0 }
        return try take(upTo: messages.count) { (start + $0).initialize(to: $1) }
    }

    /// Takes the next message, nil when there is none. It counts as executed with the next ``publish(_:)``.
    package mutating func next() throws(ProtocolError) -> Message? {
        var message: Message?
        _ = try take(upTo: 1) { message = $1 }
        return message
    }

    @inline(__always)
    mutating func take(
        upTo countMax: Int, _ body: (_ index: Int, _ message: Message) -> Void
    ) throws(ProtocolError) -> Int {
        if hasMoreFilled { try lookAgain() }
        var run = Run(
            places: UInt64(sources.count), deliverable: deliverable, keepsOrder: keepsOrder, cursor: cursor,
            paddedBelow: paddedBelow
        )
        var count = 0
        // With the array at hand, because a message costs little more than looking it up.
        sources.withUnsafeMutableBufferPointer { sources in
            while count < countMax, run.findNext(in: sources, stable: stable) {
                let sender = sources[run.place].member
                var index = count
                count &+= sources[run.place].reader.take(upTo: min(countMax &- count, run.wanted)) { payload in
                    body(index, Message(sender: sender, position: run.position, payload: payload))
                    index &+= 1
                    run.position &+= run.places
                }
                guard run.look(&sources[run.place]) else { break }
            }
        }
        (cursor, paddedBelow) = (run.cursor, run.paddedBelow)
        // What came before damage is handed over; the next look finds the same.
        if run.isDamaged { hasMoreFilled = true }
        if count < countMax, !run.isDamaged { try rest() }
        return count
    }

    /// What ``take(upTo:_:)`` goes by while it takes.
    private struct Run {
        /// How many senders there are.
        let places: UInt64
        let deliverable: UInt64
        let keepsOrder: Bool
        var cursor: UInt64
        var paddedBelow: UInt64
        /// The sender at hand, the position of its next message, and how many may be taken before another's turn.
        var place = 0
        var position: UInt64 = 0
        var wanted = 0
        var isDamaged = false

        /// Finds the ring with the next message; false if none may be delivered.
        @inline(__always)
        mutating func findNext(in sources: UnsafeMutableBufferPointer<Source>, stable: UInt64) -> Bool {
            var (least, second) = (UInt64.max, UInt64.max)
            for candidate in sources.indices {
                let next = sources[candidate].next
                if next < least {
                    (least, second) = (next, least)
                    place = candidate
                    if !keepsOrder && least < stable { break }
                } else {
                    second = min(second, next)
                }
            }
            guard least < deliverable else { return false }
            position = least
            let room = min(second, deliverable) &- least
            wanted = keepsOrder && room > places ? Int(clamping: (room &- 1) / places &+ 1) : 1
            return true
        }

        /// Notes what was taken and looks for the next message of the ring; false if it is damaged.
        @inline(__always)
        mutating func look(_ source: inout Source) -> Bool {
            cursor = max(cursor, position &- places &+ 1)
            do throws(ProtocolError) {
                let round = try source.reader.nextRound(below: source.filled)
                source.next = round.map { $0 &* places &+ UInt64(place) } ?? .max
                paddedBelow = max(paddedBelow, source.reader.paddedBelow &* places &+ UInt64(place))
            } catch {
                source.next = .max
                isDamaged = true
            }
            return !isDamaged
        }
    }

    /// Writes this node's counters, and pushes what of its region has changed: the ring first, and last the line that
    /// vouches for it.
    ///
    /// `released` alone is pushed only when it frees a good part of a ring: it travels with whatever is pushed next.
    @inline(__always)
    package mutating func publish(_ push: (Range<Int>) -> Void) -> Publication {
        markRing()
        noteReleased()
        let isNews = line.sent != published.sent || line.spoken != published.spoken || owesRelease
        guard isNews || line.received != published.received else { return .nothing }
        hasSpokenThisTurn = false
        if isSender { writer.publish(push) }
        let start = layout.members[layout.me].line
        line.write(to: region, at: start, layout.tag)
        published = line
        if line.released >= max(cursor, paddedBelow) { releasedBytes = 0 }
        push(start..<start + Line.size)
        return isNews ? .news : .progress
    }

    /// What was pushed after a turn.
    package enum Publication: Sendable {
        case nothing
        /// Peers that sleep wait for it if ``OrderedMulticast/completesStability()`` says so.
        case progress
        /// Peers that sleep wait for it.
        case news
    }

    /// To be asked after a push, and a full fence: true if something is stable now that nobody was woken for.
    ///
    /// Where a push is visible at once, the last member to receive a message sees in all lines that it is stable. So
    /// the others need not wake anybody.
    package mutating func completesStability() -> Bool {
        let now = Self.least(Line.received, of: others, own: line.received, tag)
        guard now > announced else { return false }
        announced = now
        return true
    }

    // MARK: - What a turn is made of

    /// Reads the line of each other member; returns the last round in use, and what all of them have received.
    private mutating func readLines() -> (spoken: UInt64, received: UInt64) {
        var (spoken, received) = (UInt64(0), UInt64.max)
        for index in others.indices {
            others[index].look()
            received = min(received, count(others[index].received))
            guard let place = others[index].place else { continue }
            noteFilled(count(others[index].sent), at: place)
            spoken = max(spoken, count(others[index].spoken))
        }
        if let sendingPlace { noteFilled(line.sent, at: sendingPlace) }
        return (spoken, received)
    }

    private mutating func noteFilled(_ rounds: UInt64, at place: Int) {
        guard rounds > sources[place].filled else { return }
        sources[place].filled = rounds
        hasMoreFilled = true
    }

    /// A sender that has nothing to say fills its rounds up to those in use by others, and some ahead.
    private mutating func fillNulls(upTo inUse: UInt64) {
        guard let sendingPlace, rules.contains(.null) else { return }
        let ahead = hasSpokenThisTurn ? 0 : nullWindow
        guard inUse > 0, line.sent < inUse + ahead / 2 else { return }
        line.sent = inUse + ahead
        noteFilled(line.sent, at: sendingPlace)
    }

    /// Says with which rounds the ring becomes free. Much padding behind the last message takes a null, so that it is
    /// released although nothing follows.
    private mutating func markRing() {
        guard isSender else { return }
        if hasSpokenThisTurn { writer.mark(line.spoken - 1) }
        if writer.trailingPadding >= layout.members[layout.me].ring.count / 16 {
            // The others have to fill that round too.
            let end = writer.vouchForPadding()
            line.sent = max(line.sent, end)
            line.spoken = max(line.spoken, end)
        }
    }

    // What follows is given what it looks at: a method that does not change anything would be given a copy of all.

    /// The first position that is missing when each sender has filled its rounds so far.
    private static func prefix(of sources: [Source]) -> UInt64 {
        guard !sources.isEmpty else { return 0 }
        return sources.indices.reduce(UInt64.max) { least, place in
            min(least, position(sources[place].filled, place, among: sources.count))
        }
    }

    /// The least count of all members.
    private static func least(_ counter: Int, of others: [Other], own: UInt64, _ tag: ViewTag) -> UInt64 {
        others.reduce(own) { min($0, Counter.unpack($1.load(counter), tag) ?? 0) }
    }

    @inline(__always)
    private static func position(_ round: UInt64, _ place: Int, among senders: Int) -> UInt64 {
        round * UInt64(senders) + UInt64(place)
    }

    /// Up to where messages may be delivered.
    private var deliverable: UInt64 { delivery == .total ? stable : .max }

    @inline(__always)
    private mutating func look(_ place: Int) throws(ProtocolError) {
        let round = try sources[place].reader.nextRound(below: sources[place].filled)
        let senders = sources.count
        sources[place].next = round.map { Self.position($0, place, among: senders) } ?? .max
        paddedBelow = max(paddedBelow, Self.position(sources[place].reader.paddedBelow, place, among: senders))
    }

    private mutating func lookAgain() throws(ProtocolError) {
        for place in sources.indices where sources[place].next == .max { try look(place) }
        hasMoreFilled = false
    }

    /// Everything that may be delivered has been.
    private mutating func rest() throws(ProtocolError) {
        guard stable <= positionMax else { throw .countersExhausted }
        switch delivery {
        case .senders:
            line.released = line.received
        case .total where stable > cursor:
            cursor = stable
        case .total:
            break
        }
        noteReleased()
    }

    private mutating func noteReleased() {
        if delivery == .total { line.released = cursor }
        for place in sources.indices { releasedBytes += sources[place].reader.takePassedBytes() }
    }

    /// True if so much has been released that senders may wait for it: then another turn is due.
    ///
    /// Mutating for the same reason as ``hasNews``.
    package var owesRelease: Bool {
        mutating get { releasedBytes > releasedBytesMax && line.released != published.released }
    }

    /// What a word of another member's line counts in this view; 0 as long as it is of another.
    @inline(__always)
    private func count(_ word: UInt64) -> UInt64 { Counter.unpack(word, tag) ?? 0 }
}

extension OrderedMulticast {
    /// How far each member has received, in the order of the members: who is least holds the shard back.
    package var receivedByMember: [UInt64] {
        var all = others.map { count($0.load(Line.received)) }
        all.insert(line.received, at: layout.me)
        return all
    }
}
