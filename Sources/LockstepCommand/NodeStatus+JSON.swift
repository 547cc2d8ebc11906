import Lockstep

extension NodeStatus {
    /// For programs.
    var json: JSONText {
        .object([
            "cluster": .text(cluster),
            "node": .text(members[rank].name),
            "view": .integer(view),
            "rank": .integer(UInt64(rank)),
            "poller": .text(poller.rawValue),
            "members": .list(members.map(\.json)),
            "groups": .list(groups.map(\.json)),
        ])
    }
}

extension NodeStatus.Member {
    fileprivate var json: JSONText {
        .object([
            "name": .text(name),
            // Too large for the numbers of many readers.
            "incarnation": .text("\(incarnation)"),
            "process": .integer(UInt64(processID)),
        ])
    }
}

extension NodeStatus.Group {
    fileprivate var json: JSONText {
        .object([
            "group": .text(id.name),
            "type": .text(schema.type),
            "methods": .list(schema.methods.map(\.json)),
            "status": status?.json ?? .null,
        ])
    }
}

extension ActorSchema.Method {
    fileprivate var json: JSONText {
        .object([
            "name": .text(name),
            "isQuery": .flag(isQuery),
            "parameters": .list(signature.dropLast().map(JSONText.text)),
            "result": .text(signature.last ?? "Void"),
        ])
    }
}

extension GroupStatus {
    fileprivate var json: JSONText {
        .object([
            "isActive": .flag(isActive),
            "missing": .list(missing.map(JSONText.text)),
            "updates": .integer(updates),
            "stateHash": .text(stateHash.hexadecimal),
            "slow": .list(slow.map(\.json)),
            "divergence": divergence?.json ?? .null,
        ])
    }
}

extension GroupStatus.SlowMember {
    fileprivate var json: JSONText {
        .object([
            "name": .text(name),
            "positions": .integer(positions),
            "seconds": .number(duration / .seconds(1), digits: 3),
        ])
    }
}

extension Divergence {
    fileprivate var json: JSONText {
        .object([
            "member": .text(member),
            "firstUpdate": .integer(versions.lowerBound),
            "lastUpdate": .integer(versions.upperBound),
            "properties": .list(properties.map(JSONText.text)),
        ])
    }
}
