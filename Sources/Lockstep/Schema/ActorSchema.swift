/// The methods and properties of a replicated actor, and the types in them: what must go together on every member of a
/// group.
public struct ActorSchema: Sendable, Hashable, Codable {
    /// The actor's type.
    public let type: String
    /// The release of the actor, as it counts them: the argument of ``Replicated(level:)``.
    public let level: Int
    /// The methods, in the order of the source.
    public let methods: [Method]
    /// The types of the replicated properties, by the properties' names.
    public let properties: [String: String]
    /// What is inside the types, by their names.
    public let types: [String: TypeShape]
    /// True if the actor hears of changes of views: it is ``ViewAware``.
    public let isViewAware: Bool

    /// Describes an actor.
    public init(
        type: String, level: Int = 1, methods: [Method], properties: [String: String] = [:],
        types: [String: TypeShape] = [:], isViewAware: Bool = false
    ) {
        self.type = type
        self.level = level
        self.isViewAware = isViewAware
        self.methods = methods
        self.properties = properties
        self.types = types
    }

    /// One `distributed func`.
    public struct Method: Sendable, Hashable, Codable {
        /// The stable number that travels with a call: ``ActorSchema/number(of:)`` of its name, or of the old one if
        /// it is renamed; ``ActorSchema/number(of:taking:)`` if other methods have the name, too.
        public let number: UInt32
        /// The full name, such as `receive(_:of:)`.
        public let name: String
        /// The full name in earlier releases, if it was another one.
        public let oldName: String?
        /// What a call of it does.
        public let kind: Kind
        /// True if the method is marked ``Query()``.
        public var isQuery: Bool { kind == .query }
        /// The names of the types of the arguments and, last, of the result. Types that are spelled in two ways have
        /// one name.
        public let signature: [String]
        /// The name of the type of the errors, if the method names one.
        public let failure: String?

        /// What calls of a method do.
        public enum Kind: String, Sendable, Hashable, Codable {
            /// It runs on every replica, in one order.
            case update
            /// It is marked ``Query()``, and changes nothing.
            case query
            /// It is marked ``Direct()``, and runs at the member that is called.
            case direct
        }

        /// Describes a method.
        public init(
            number: UInt32, name: String, oldName: String? = nil, kind: Kind, signature: [String],
            failure: String? = nil
        ) {
            self.number = number
            self.name = name
            self.oldName = oldName
            self.kind = kind
            self.signature = signature
            self.failure = failure
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
