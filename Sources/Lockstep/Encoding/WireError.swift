/// Why bytes could not be read, or a value not be written.
package enum WireError: Error, Hashable {
    /// The bytes end too early.
    case truncated(offset: Int, needed: Int, left: Int)
    /// Something else stands here than was asked for.
    case unexpected(offset: Int, found: String, expected: String)
    /// The bytes break the format.
    case malformed(offset: Int, reason: String)
    /// An integer does not fit in the type that was asked for.
    case outOfRange(offset: Int, type: String)
    /// A key of a map or an element of a set does not come after the one before it.
    case unordered(offset: Int)
    /// A field is not there.
    case missing(offset: Int, name: String)
    /// A field's type is not `Codable`.
    case unencodable(name: String)
    /// Containers are nested too deeply.
    case tooDeep(limit: Int)
    /// Bytes are left after the last value.
    case trailing(offset: Int, left: Int)
    /// Two members of a dictionary or a set, though not equal, have the same bytes.
    case ambiguous(type: String)
    /// An `encode(to:)` asked for two kinds of container at one place.
    case conflictingContainers(path: String)
}

extension WireError: CustomStringConvertible {
    /// A sentence that says what was found and what was expected.
    package var description: String {
        switch self {
        case .truncated(let offset, let needed, let left):
            "At byte \(offset), \(needed) more were expected and \(left) are left."
        case .unexpected(let offset, let found, let expected):
            "At byte \(offset), \(expected) was expected and \(found) was found."
        case .malformed(let offset, let reason):
            "At byte \(offset), \(reason)."
        case .outOfRange(let offset, let type):
            "The integer at byte \(offset) does not fit in \(type)."
        case .unordered(let offset):
            "At byte \(offset), a key above the previous one was expected; this one is equal or below it."
        case .missing(let offset, let name):
            "Before byte \(offset), a field named \(name) was expected; there is none."
        case .unencodable(let name):
            "A `Codable` type was expected for the field \(name)."
        case .tooDeep(let limit):
            "At most \(limit) nested levels were expected; there are more."
        case .trailing(let offset, let left):
            "The end was expected at byte \(offset); \(left) bytes are left."
        case .ambiguous(let type):
            "Different members were expected in \(type); two have the same encoding."
        case .conflictingContainers(let path):
            "One kind of container was expected at \(path); `encode(to:)` asked for two."
        }
    }
}
