/// What a type is in the bytes, as far as it matters to members that run different releases.
///
/// Types refer to each other by name, so that a type may hold itself. What has no shape, such as `Int`, is told by its
/// name alone.
public enum TypeShape: Sendable, Hashable, Codable {
    /// A value of another type, with nothing around it.
    case single(String)
    /// Nil, or a value.
    case optional(String)
    /// Values in an order.
    case array(String)
    /// Different values.
    case set(String)
    /// Values by keys.
    case dictionary(key: String, value: String)
    /// A struct, or a class. There may be more fields if it is not whole.
    case fields([Field], isWhole: Bool)
    /// An enum with the values of each case.
    case cases([Case])
    /// An enum with a raw value of a type: the values.
    case rawValues(of: String, [String])

    /// One field.
    public struct Field: Sendable, Hashable, Codable {
        /// The name in the bytes.
        public let name: String
        /// The name of the type.
        public let type: String
    }

    /// One case of an enum.
    public struct Case: Sendable, Hashable, Codable {
        /// The name in the bytes.
        public let name: String
        /// The values that it carries.
        public let fields: [Field]
    }
}
