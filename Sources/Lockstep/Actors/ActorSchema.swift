/// The methods of a replicated actor: what must be the same on every member of a group.
public struct ActorSchema: Sendable, Hashable, Codable {
    /// The actor's type, as its source spells it.
    public let type: String
    /// The methods, in the order of the source.
    public let methods: [Method]

    /// Describes an actor.
    public init(type: String, methods: [Method]) {
        self.type = type
        self.methods = methods
    }

    /// One `distributed func`.
    public struct Method: Sendable, Hashable, Codable {
        /// The stable number that travels with a call: ``ActorSchema/number(of:)`` of its name, or
        /// ``ActorSchema/number(of:taking:)`` if other methods have the name, too.
        public let number: UInt32
        /// The full name, such as `receive(_:of:)`.
        public let name: String
        /// True if the method is marked ``Query()``.
        public let isQuery: Bool
        /// The types of the arguments and, last, of the result, as the source spells them.
        public let signature: [String]

        /// Describes a method.
        public init(number: UInt32, name: String, isQuery: Bool, signature: [String]) {
            self.number = number
            self.name = name
            self.isQuery = isQuery
            self.signature = signature
        }
    }

    /// The number of a method, which survives reordering: the 32-bit FNV-1a hash of its full name.
    public static func number(of name: some StringProtocol) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash
    }

    /// A number as messages spell it, where the name is not known.
    static func text(ofNumber number: UInt32) -> String { "0x\(String(number, radix: 16))" }

    /// The number of a method if other methods have its full name, too, and take other types.
    ///
    /// - Parameters:
    ///   - name: The full name, such as `add(_:)`.
    ///   - types: The types of the parameters, as the source spells them.
    public static func number(of name: some StringProtocol, taking types: some Sequence<String>) -> UInt32 {
        number(of: "\(name)(\(types.joined(separator: ",")))")
    }
}
