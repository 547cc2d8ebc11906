import SwiftSyntax

/// What the macro has read of a struct or an enum, and from which it writes the encoding.
struct WireType {
    /// The access modifier of what the macro adds, with a space after it, or nothing.
    let access: String
    var shape: Shape

    enum Shape {
        case fields([WireField])
        /// An enum that is written as its raw value.
        case rawValue([WireCase])
        case cases([WireCase])
    }
}

/// A stored property, or one of the values that a case carries.
struct WireField {
    /// The name in the bytes.
    let key: String
    /// The name of the property as spelled; of a value, the label as spelled, or nil if it has none.
    let name: String?
    /// The type as spelled, if it is.
    let type: String?
    /// Its place in the declaration.
    let index: Int
    let presence: Presence
    /// False of a constant that has its value already.
    var isRead = true

    /// Whether the type is optional, so that nothing is written of nil, as far as its spelling tells.
    enum Presence {
        case always, optional, unknown
    }
}

/// A case of an enum.
struct WireCase {
    /// The name as spelled, perhaps in backticks.
    let name: String
    /// In the order of the declaration.
    let fields: [WireField]
}

extension [WireField] {
    /// The fields in the order in which the format has them: that of the bytes of their names.
    var inOrder: [WireField] { sorted { $0.key.encoded.lexicographicallyPrecedes($1.key.encoded) } }
}

extension String {
    /// The bytes of the string as `WireWriter` writes it.
    fileprivate var encoded: [UInt8] {
        var head: [UInt8] = []
        var rest = utf8.count
        if rest < 0x40 {
            head = [0x80 + UInt8(rest)]
        } else {
            head = [0xCA]
            while rest >= 0x80 {
                head.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            head.append(UInt8(rest))
        }
        return head + utf8
    }
}
