extension ClientMessage {
    func encoded() -> [UInt8] {
        var writer = ControlWriter(version: ControlLimit.wireVersion, kind: kind.rawValue)
        write(to: &writer)
        precondition(writer.bytes.count <= ControlLimit.messageBytesMax, "a message outgrew its bound")
        return writer.bytes
    }

    private var kind: Kind {
        switch self {
        case .handshake: .handshake
        case .hello: .hello
        case .reject: .reject
        case .members: .members
        case .request: .request
        case .answer: .answer
        case .refusal: .refusal
        case .said: .said
        case .change(_, _, nil): .lag
        case .change: .change
        case .ping: .ping
        case .pong: .pong
        }
    }

    private func write(to writer: inout ControlWriter) {
        switch self {
        case .handshake(let message): message.write(to: &writer)
        case .hello(let cluster, let name):
            writer.write(name: cluster)
            writer.write(name: name)
        case .reject(let sentence): writer.write(sentence: sentence)
        case .members(let view, let speaker, let members):
            writer.write(view)
            writer.write(speaker)
            writer.write(UInt16(members.count))
            members.forEach { $0.write(to: &writer) }
        case .request(let number, let request):
            writer.write(number)
            request.write(to: &writer)
        case .answer(let number, let answer):
            writer.write(number)
            writer.write(answer.version)
            answer.outcome.write(to: &writer)
        case .refusal(let number, let code, let sentence):
            writer.write(number)
            writer.write(name: code)
            writer.write(sentence: sentence)
        case .said(let number, let rank, let node, let outcome):
            writer.write(number)
            writer.write(UInt16(rank))
            node.write(to: &writer)
            outcome.write(to: &writer)
        case .change(let key, let version, let bytes):
            key.write(to: &writer)
            writer.write(version)
            writer.write(bytes ?? [])
        case .ping, .pong: break
        }
    }
}

extension ClientRequest {
    fileprivate func write(to writer: inout ControlWriter) {
        switch self {
        case .open(let group, let nonce, let timeout, let schema):
            writer.write(Kind.open.rawValue)
            writer.write(name: group.name)
            writer.write(nonce)
            writer.write(timeout)
            writer.write(schema)
        case .update(let group, let id, let patience, let method, let baggage, let arguments):
            writer.write(Kind.update.rawValue)
            writer.write(name: group.name)
            id.session.write(to: &writer)
            writer.write(id.sequence)
            writer.write(id.settled)
            writer.write(patience)
            writer.write(method)
            writer.write(UInt16(baggage.count))
            writer.write(baggage)
            writer.write(arguments)
        case .query(let call):
            writer.write(Kind.query.rawValue)
            writer.write(call.bytes)
        case .all(let call):
            writer.write(Kind.all.rawValue)
            writer.write(call.bytes)
        case .watch(let group, let key, let version):
            writer.write(Kind.watch.rawValue)
            writer.write(name: group.name)
            key.write(to: &writer)
            writer.write(version)
        case .keep(let group, let key):
            writer.write(Kind.keep.rawValue)
            writer.write(name: group.name)
            key.write(to: &writer)
        case .close(let group, let key):
            writer.write(Kind.close.rawValue)
            writer.write(name: group.name)
            key.write(to: &writer)
        }
    }
}

extension SessionKey {
    fileprivate func write(to writer: inout ControlWriter) {
        writer.write(opened)
        writer.write(nonce)
    }
}

extension ClientOutcome {
    fileprivate func write(to writer: inout ControlWriter) {
        switch self {
        case .result(let bytes):
            writer.write(0 as UInt8)
            writer.write(bytes)
        case .failed(let code, let message):
            writer.write(1 as UInt8)
            writer.write(name: code)
            writer.write(sentence: message)
        }
    }
}
