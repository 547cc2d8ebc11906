import DequeModule
import LockstepFabric
import LockstepProtocol

/// What is delivered to a replica that came later, until it has the state: copies, so that the senders may use that part
/// of their rings again.
///
/// The state is another replica's at one position of one view. What this one has kept from there on, through as many
/// views as that takes, is what it still has to execute.
struct Backlog {
    /// When so many bytes are kept, no more are taken, and the senders wait.
    static let bytesMax = 1 << 28
    /// What a message takes besides its bytes.
    private static let messageOverhead = 64

    private var entries: Deque<Entry> = []
    private var bytes = 0
    /// True from when the state comes.
    private(set) var hasState = false
    /// True if nothing will be executed, because the state could not be taken.
    private var isDiscarding = false

    private enum Entry {
        case view(View, GroupPart)
        case message(KeptMessage)
    }

    /// Keeps what may be delivered; false if there is nothing, or no room for it.
    mutating func keep(from core: inout OrderedMulticast, isEnding: Bool = false) throws(ProtocolError) -> Bool {
        var hasKept = false
        while isEnding || bytes < Self.bytesMax, let message = try core.next() {
            hasKept = true
            if isDiscarding { continue }
            let kept = KeptMessage(message)
            bytes += Self.size(of: kept)
            entries.append(.message(kept))
        }
        return hasKept
    }

    /// Another view begins. Without a state all that was kept is in the state that will come; then it returns false, and
    /// the replica begins with this view.
    mutating func begin(_ view: View, _ part: GroupPart) -> Bool {
        if isDiscarding { return true }
        if hasState { entries.append(.view(view, part)) } else { (entries, bytes) = ([], 0) }
        return hasState
    }

    /// The state comes, as it was at a position of the present view.
    mutating func noteState(at position: UInt64) {
        hasState = true
        while case .message(let message)? = entries.first, message.position < position {
            bytes -= Self.size(of: message)
            entries.removeFirst()
        }
    }

    /// The state does not come to its end, so that another one is needed, from the present view on. Returns how that view
    /// began, unless the replica knows it already.
    mutating func loseState() -> (view: View, part: GroupPart)? {
        hasState = false
        var last: (View, GroupPart)?
        var kept: Deque<Entry> = []
        for entry in entries {
            if case .view(let view, let part) = entry { (last, kept) = ((view, part), []) } else { kept.append(entry) }
        }
        entries = kept
        bytes = kept.reduce(0) { if case .message(let message) = $1 { $0 + Self.size(of: message) } else { $0 } }
        return last
    }

    private static func size(of message: KeptMessage) -> Int { message.payload.count + messageOverhead }

    /// Keeps nothing from here on.
    mutating func discard() {
        isDiscarding = true
        (entries, bytes) = ([], 0)
    }

    /// Executes what was kept, behind the state.
    func replay(to replica: any Replica) {
        for entry in entries {
            switch entry {
            case .view(let view, let part):
                replica.enter(view, part.members, at: part.level)
                if let change = part.change { replica.note(change) }
            case .message(let message):
                replica.execute(message)
            }
        }
    }
}

/// A message that was copied out of its sender's ring, and for which nobody on this node waits.
struct KeptMessage: Sendable {
    let sender: Int
    let position: UInt64
    let payload: [UInt8]

    init(sender: Int, position: UInt64, payload: [UInt8]) {
        (self.sender, self.position, self.payload) = (sender, position, payload)
    }

    init(_ message: OrderedMulticast.Message) {
        self.init(sender: message.sender, position: message.position, payload: Array(message.payload))
    }

    /// Lends the message as it was.
    func withMessage(_ body: (OrderedMulticast.Message) -> Void) {
        payload.withUnsafeBytes {
            body(OrderedMulticast.Message(sender: sender, position: position, payload: $0))
        }
    }
}
