extension RendezvousMessage {
    func encoded(version: UInt16 = ControlLimit.wireVersion) -> [UInt8] {
        var writer = ControlWriter(version: version, kind: kind.rawValue)
        write(to: &writer)
        precondition(writer.bytes.count <= ControlLimit.messageBytesMax, "a message outgrew its bound")
        return writer.bytes
    }

    private func write(to writer: inout ControlWriter) {
        switch self {
        case .handshake(let message):
            message.write(to: &writer)
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
            writer.write(members)
        case .ready(let attempt), .install(let attempt):
            writer.write(attempt)
        case .failed(let attempt, let sentence), .abandon(let attempt, let sentence):
            writer.write(attempt)
            writer.write(sentence: sentence)
        case .formed(let view, let members):
            writer.write(view)
            writer.write(members)
        }
    }
}

extension RendezvousHello {
    fileprivate func write(to writer: inout ControlWriter) {
        writer.write(name: cluster)
        writer.write(name: name)
        writer.write(incarnation)
        writer.write(UInt16(expected))
        writer.write(UInt64(regionSize))
        writer.write(process)
        writer.write(address)
        traits.write(to: &writer)
    }
}

extension ControlWriter {
    fileprivate mutating func write(_ members: [MeshNode]) {
        write(UInt16(members.count))
        members.forEach { $0.write(to: &self) }
    }
}
