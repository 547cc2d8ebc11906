import Synchronization

/// The properties of a state that is still on its way, by name.
///
/// Whoever asks for them in the order in which they come gets each as it comes; others are kept until they are asked for.
final class StateStream: Sendable {
    private let state: Mutex<StateFields>

    init(_ incoming: IncomingState) { state = Mutex(StateFields(StateChunkReader(incoming))) }

    /// The value of a property, or nil if there is none of the name.
    func read<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        try state.withLock { state in
            guard try state.find(name) else { return try state.kept.read(name) }
            // Not as an optional, which would be another type, and a slower way.
            let value: Value = try state.readValue()
            return value
        }
    }

    /// The name of the property that comes next, nil if none comes.
    var nextName: String? {
        get throws { try state.withLock { try $0.peek()?.name } }
    }

    /// The encoded value of a property, or nil if there is none of the name.
    func bytes(of name: String) throws -> [UInt8]? {
        try state.withLock { state in
            if try state.find(name) { try state.keep() }
            return try state.kept.withBytes(of: name) { Array($0) }
        }
    }

    /// All that there is, once it has come.
    func gather() throws -> SavedState {
        try state.withLock { state in
            while try state.peek() != nil { try state.keep() }
            return state.kept
        }
    }

    /// Nothing more is read.
    func finish() { state.withLock { $0.finish() } }
}
