/// Values with versions that grow, each by its key: what histories of registers and of shared maps are compared with.
///
/// ```swift
/// try checkLinearizability(of: operations, against: VersionedModel(), partitionedBy: \.key)
/// ```
public struct VersionedModel: SequentialModel {
    /// What is done with the value of a key.
    public enum Input: Hashable, Sendable {
        /// Returns the value and its version.
        case get(String)
        /// Puts a value, told by a number that no other has and that is not 0. If it shall replace a version and there is
        /// another one, nothing is put; nil replaces any.
        case put(String, UInt64, replacing: UInt64?)

        /// The key of the value.
        public var key: String {
            switch self {
            case .get(let key), .put(let key, _, _): key
            }
        }
    }

    /// What is there, 0 for no value; or the version that was put, nil if none was.
    public struct Output: Sendable {
        /// The number of the value, 0 for none.
        public let value: UInt64
        /// Its version; of what was to be put, nil if it was not.
        public let version: UInt64?

        /// Makes an output.
        public init(value: UInt64, version: UInt64?) { (self.value, self.version) = (value, version) }
    }

    /// The value of a key.
    public struct State: Hashable, Sendable {
        var value: UInt64 = 0
        /// Nil if nobody has been told.
        var version: UInt64? = 0
    }

    /// There is no value.
    public let initial = State()

    /// Makes the model.
    public init() {}

    /// Refuses a value that is not the last one, a version that does not grow, and what replaces another version than the
    /// one it names.
    public func step(_ state: State, _ input: Input, _ output: Output?) -> State? {
        switch input {
        case .get:
            guard let output else { return state }
            guard output.value == state.value, state.version == nil || state.version == output.version else {
                return nil
            }
            return State(value: output.value, version: output.version)
        case .put(_, let value, let replaced):
            let mayReplace = replaced == nil || state.version == nil || state.version == replaced
            guard let output else { return mayReplace ? State(value: value, version: nil) : state }
            guard let version = output.version else {
                return replaced == nil || state.version == replaced ? nil : state
            }
            return mayReplace && version > state.version ?? 0 ? State(value: value, version: version) : nil
        }
    }
}
