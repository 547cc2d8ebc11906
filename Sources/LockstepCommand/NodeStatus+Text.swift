import Lockstep

extension NodeStatus {
    /// For people.
    var text: String {
        let processes = members.map { "\($0.name) (process \($0.processID))" }.joined(separator: ", ")
        let head = """
            \(members[rank].name) in \(cluster), view \(view), rank \(rank), \(poller.text)
              members: \(processes)

            """
        return head + changes.map(\.text).joined() + groups.map(\.text).joined()
    }
}

extension NodeStatus.Poller {
    fileprivate var text: String {
        switch self {
        case .spinning: "with a core of its own"
        case .sharing: "sharing its core"
        case .busy: "busy with one thing for a second"
        }
    }
}

extension ViewChangeReport {
    fileprivate var text: String {
        let accused = accusations.map { "    \($0.accuser) did not hear \($0.accused) (\($0.reason.rawValue))\n" }
        return "  \(self)\n" + accused.joined()
    }
}

extension NodeStatus.Group {
    fileprivate var text: String {
        let lines = ["  \(id): \(summary)"] + notes.map { "    \($0)" } + methods.map { "    \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    private var summary: String {
        guard let status else { return "\(schema.type), busy with an update" }
        let state = status.isActive ? "active" : "waits for \(status.missing.joined(separator: ", "))"
        return "\(schema.type), \(state), \(status.updates.grouped) updates, state \(status.stateHash.hexadecimal)"
    }

    /// What is not as it should be.
    private var notes: [String] {
        guard let status else { return [] }
        let slow = status.slow.map { "\($0.name) is behind by \($0.positions) places, for \($0.duration)" }
        return slow + (status.divergence.map { ["\($0)"] } ?? [])
    }

    private var methods: [String] {
        schema.methods.map { method in
            let parameters = method.signature.dropLast().joined(separator: ", ")
            let result = method.signature.last ?? "Void"
            return "\(method.isQuery ? "query " : "update") \(method.name): (\(parameters)) -> \(result)"
        }
    }
}
