/// Lays a message out: integers little-endian, strings behind their length.
struct ControlWriter {
    /// "LKST": whoever connects by mistake is told apart at once.
    static let magic: UInt32 = 0x5453_4B4C

    private(set) var bytes: [UInt8] = []

    /// Without a head: a part of something else.
    init() {}

    init(version: UInt16, kind: UInt8) {
        write(Self.magic)
        write(version)
        write(kind)
    }

    mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ payload: [UInt8]) { bytes += payload }

    /// A text that is too long is cut: only sentences can be, since names are checked where they come from.
    mutating func write(_ text: String, bytesMax: Int) {
        var utf8 = Array(text.utf8)
        if utf8.count > bytesMax {
            // A character cut in two becomes U+FFFD, which is up to two bytes longer than what is left of it.
            utf8 = Array(String(decoding: utf8.prefix(bytesMax - 2), as: UTF8.self).utf8)
        }
        write(UInt16(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    mutating func write(name: String) {
        write(name, bytesMax: ControlLimit.nameBytesMax)
    }

    /// Nothing is no text.
    mutating func write(_ address: NodeAddress?) {
        write(sentence: address?.description ?? "")
    }

    mutating func write(sentence: String) {
        write(sentence, bytesMax: ControlLimit.sentenceBytesMax)
    }
}
