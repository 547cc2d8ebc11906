/// Lays a message out: integers little-endian, strings behind their length.
struct RendezvousWriter {
    /// "LKST": whoever connects by mistake is told apart at once.
    static let magic: UInt32 = 0x5453_4B4C

    private(set) var bytes: [UInt8] = []

    init(version: UInt16, kind: UInt8) {
        write(Self.magic)
        write(version)
        write(kind)
    }

    mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

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
        write(name, bytesMax: RendezvousLimit.nameBytesMax)
    }

    mutating func write(sentence: String) {
        write(sentence, bytesMax: RendezvousLimit.sentenceBytesMax)
    }
}

extension RendezvousMessage {
    func encoded(version: UInt16 = RendezvousLimit.wireVersion) -> [UInt8] {
        var writer = RendezvousWriter(version: version, kind: kind.rawValue)
        write(to: &writer)
        precondition(writer.bytes.count <= RendezvousLimit.messageBytesMax, "a message outgrew its bound")
        return writer.bytes
    }

    private func write(to writer: inout RendezvousWriter) {
        switch self {
        case .hello(let hello):
            hello.write(to: &writer)
        case .reject(let code, let sentence):
            writer.write(code.rawValue)
            writer.write(sentence: sentence)
        case .waiting(let present, let expected):
            writer.write(UInt16(expected))
            writer.write(UInt16(present.count))
            present.forEach { writer.write(name: $0) }
        case .propose(let attempt, let rank, let members):
            writer.write(attempt)
            writer.write(UInt16(rank))
            writer.write(UInt16(members.count))
            members.forEach { $0.write(to: &writer) }
        case .mapped(let attempt):
            writer.write(attempt)
        case .failed(let attempt, let sentence), .abandon(let attempt, let sentence):
            writer.write(attempt)
            writer.write(sentence: sentence)
        case .install(let attempt, let view, let registrar):
            writer.write(attempt)
            writer.write(view)
            writer.write(UInt16(registrar))
        case .leave:
            break
        case .gone(let rank, let reason):
            writer.write(UInt16(rank))
            writer.write(reason.rawValue)
        }
    }
}

extension RendezvousHello {
    fileprivate func write(to writer: inout RendezvousWriter) {
        writer.write(name: cluster)
        writer.write(name: name)
        writer.write(incarnation)
        writer.write(UInt16(expected))
        writer.write(UInt64(regionSize))
    }
}

extension RendezvousMember {
    fileprivate func write(to writer: inout RendezvousWriter) {
        writer.write(name: name)
        writer.write(incarnation)
        writer.write(process)
        writer.write(UInt64(regionSize))
    }
}
