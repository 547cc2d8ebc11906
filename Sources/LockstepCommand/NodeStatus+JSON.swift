import Lockstep

extension NodeStatus {
    /// For programs.
    var json: JSONText {
        .object([
            "cluster": .text(cluster),
            "node": .text(members[rank].name),
            "view": .integer(view),
            "rank": .integer(UInt64(rank)),
            "pollers": .list(pollers.map(\.json)),
            "members": .list(members.map(\.json)),
            "changes": .list(changes.map(\.json)),
            "rdma": rdma?.json ?? .null,
            "groups": .list(groups.map(\.json)),
        ])
    }
}

extension NodeStatus.Poller {
    fileprivate var json: JSONText {
        .object([
            "mode": .text(mode.rawValue),
            "numaNode": numaNode.map { .integer(UInt64($0)) } ?? .null,
        ])
    }
}

extension NodeStatus.RDMA {
    fileprivate var json: JSONText {
        .object([
            "device": .text(device),
            "port": .integer(UInt64(port)),
            "requests": .integer(UInt64(requests)),
            "doorbells": .integer(UInt64(doorbells)),
            "completions": .integer(UInt64(completions)),
            "wakes": .integer(UInt64(wakes)),
            "staged": .integer(UInt64(staged)),
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
            "role": .text(role.rawValue),
            "labels": .text("\(labels)"),
            "link": link.map { .text($0.rawValue) } ?? .null,
            "linkReason": linkReason.map(JSONText.text) ?? .null,
        ])
    }
}

extension ViewChangeReport {
    fileprivate var json: JSONText {
        .object([
            "view": .integer(view),
            "beganNanoseconds": .integer(UInt64(max(0, began.nanoseconds))),
            "accusations": .list(accusations.map(\.json)),
            "joined": .list(joined.map(JSONText.text)),
            "left": .list(left.map(JSONText.text)),
            "failed": .list(failed.map(JSONText.text)),
            "silent": .list(silent.map(JSONText.text)),
            "leader": leader.map(JSONText.text) ?? .null,
            "ballot": .integer(ballot),
            "steps": .list(steps.map(\.json)),
        ])
    }
}

extension ViewChangeReport.Accusation {
    fileprivate var json: JSONText {
        .object(["accuser": .text(accuser), "accused": .text(accused), "reason": .text(reason.rawValue)])
    }
}

extension ViewChangeReport.Step {
    fileprivate var json: JSONText {
        .object(["phase": .text(phase.rawValue), "milliseconds": .number(after / .milliseconds(1), digits: 3)])
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
            "kind": .text(kind.rawValue),
            "parameters": .list(signature.dropLast().map(JSONText.text)),
            "result": .text(signature.last ?? "Void"),
        ])
    }
}

extension GroupStatus {
    fileprivate var json: JSONText {
        .object([
            "isActive": .flag(isActive),
            "poller": .integer(UInt64(poller)),
            "missing": .list(missing.map(JSONText.text)),
            "layout": layout.json,
            "transfer": transfer?.json ?? .null,
            "level": level.map { .integer(UInt64($0)) } ?? .null,
            "updates": .integer(updates),
            "stateHash": .text(stateHash.hexadecimal),
            "slow": .list(slow.map(\.json)),
            "divergence": divergence?.json ?? .null,
        ])
    }
}

extension GroupStatus.Layout {
    fileprivate var json: JSONText {
        .object([
            "name": .text(name),
            "replicas": .list(replicas.map(JSONText.text)),
            "restoring": .list(restoring.map(JSONText.text)),
            "spares": .list(spares.map(JSONText.text)),
            "suspension": suspension.map(JSONText.text) ?? .null,
            "warnings": .list(warnings.map(JSONText.text)),
        ])
    }
}

extension GroupStatus.Transfer {
    fileprivate var json: JSONText {
        .object([
            "source": .text(source),
            "bytes": .integer(UInt64(bytes)),
            "fraction": .number(fraction, digits: 3),
            "seconds": .number(duration / .seconds(1), digits: 3),
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
