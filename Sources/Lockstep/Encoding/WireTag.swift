/// The first byte of a value with a code of its own; `WireWriter` specifies the format.
@usableFromInline
enum WireTag: UInt8 {
    case absent = 0xC0
    case some, no, yes
    case unsigned, negative, wideUnsigned, wideNegative
    case float, double
    case string, bytes
    case array, set, map

    /// First bytes below this are integers.
    @inlinable static var integerLimit: UInt8 { 0x80 }
    /// Short strings are shorter than this; their first byte is `integerLimit` and their length.
    @inlinable static var shortStringLimit: Int { 0x40 }
}

/// What stands before the contents of a value.
enum WireHead {
    case absent
    case some
    case bool(Bool)
    case unsigned(UInt64)
    /// The value is `-1 - complement`.
    case negative(complement: UInt64)
    case wideUnsigned(UInt128)
    case wideNegative(complement: UInt128)
    case float(UInt32)
    case double(UInt64)
    case string(count: Int)
    case bytes(count: Int)
    case array(count: Int)
    case set(count: Int)
    case map(count: Int)

    /// What it is, in an error's sentence.
    var name: String {
        switch self {
        case .absent: "nil"
        case .some: "an optional"
        case .bool: "a Bool"
        case .unsigned, .negative, .wideUnsigned, .wideNegative: "an integer"
        case .float: "a Float"
        case .double: "a Double"
        case .string: "a String"
        case .bytes: "bytes"
        case .array: "an array"
        case .set: "a set"
        case .map: "a map"
        }
    }
}

/// The bounds of what is written and read.
@usableFromInline
enum WireLimit {
    /// Containers inside each other. It bounds the stack, also for a payload made to overflow it.
    @inlinable static var depth: Int { 64 }
    /// `encode(to:)` or `init(from:)` inside each other, which need not open containers.
    static let calls = 128
    /// Elements for which memory is reserved before any of them was read.
    @inlinable static var reserved: Int { 4096 }
}
