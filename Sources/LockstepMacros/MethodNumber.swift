/// The number of a method in calls: the 32-bit FNV-1a hash of its full name and, if another method has that name too,
/// of the types of its parameters.
///
/// `ActorSchema.number(of:)` computes the same for a name, and `ActorSchema.number(of:taking:)` with types.
struct MethodNumber: Hashable, CustomStringConvertible {
    private let value: UInt32

    init(of name: String) {
        value = name.utf8.reduce(2_166_136_261) { hash, byte in (hash ^ UInt32(byte)) &* 16_777_619 }
    }

    /// The number as a literal.
    var description: String {
        let digits = String(value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: 8 - digits.count) + digits
        return "0x\(padded.prefix(4))_\(padded.suffix(4))"
    }
}
