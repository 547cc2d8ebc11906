import Lockstep

extension NodeStatus {
    /// For people.
    var text: String {
        let processes = members.map { member in
            let notes = [
                member.role == .member ? nil : member.role.rawValue, "process \(member.processID)",
                member.link.map { "over \($0.rawValue)" },
            ]
            return "\(member.name) (\(notes.compactMap(\.self).joined(separator: ", ")))"
        }.joined(separator: ", ")
        let head = """
            \(members[rank].name) in \(cluster), view \(view), rank \(rank), \(pollers.text)
              members: \(processes)

            """
        return head + links + (rdma?.text ?? "") + changes.map(\.text).joined() + groups.map(\.text).joined()
    }
}

extension NodeStatus {
    /// Why each member is reached as it is, those of one reason together.
    private var links: String {
        let reached = members.filter { !($0.linkReason ?? "").isEmpty }
        return Dictionary(grouping: reached) {
            "over \($0.link?.rawValue ?? "nothing"), because \($0.linkReason ?? "")"
        }
        .sorted { $0.key < $1.key }
        .map { "  \($1.map(\.name).joined(separator: ", ")): \($0)\n" }.joined()
    }
}

extension NodeStatus.RDMA {
    fileprivate var text: String {
        """
          RDMA by \(device) port \(port): \(requests.grouped) writes, \(doorbells.grouped) doorbells, \(completions.grouped) \
        completions, \(wakes.grouped) wake-ups, \(staged.grouped) copied

        """
    }
}

extension [NodeStatus.Poller] {
    /// Of one, what it is at; of several, each in a line of its own.
    fileprivate var text: String {
        guard count != 1 else { return self[0].mode.text }
        return "\(count) pollers\n"
            + enumerated().map { index, poller in
                let place = poller.numaNode.map { "on NUMA node \($0), " } ?? ""
                return "  poller \(index): \(place)\(poller.mode.text)"
            }.joined(separator: "\n")
    }
}

extension NodeStatus.Mode {
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
        let state =
            if !status.missing.isEmpty {
                "waits for \(status.missing.joined(separator: ", "))"
            } else if status.layout.suspension != nil {
                "suspended"
            } else {
                status.isActive ? "active" : "no replica here"
            }
        let level = status.level.map { ", level \($0)" } ?? ""
        return
            "\(schema.type), \(state)\(level), \(status.updates.grouped) updates, state \(status.stateHash.hexadecimal)"
    }

    /// Where it is, and what is not as it should be.
    private var notes: [String] {
        guard let status else { return [] }
        let layout = status.layout
        let parts = [("with replicas on", layout.replicas), ("restoring", layout.restoring), ("spares", layout.spares)]
        let places = parts.filter { !$1.isEmpty }.map { "\($0) \($1.joined(separator: ", "))" }.joined(separator: "; ")
        let transfers = [status.transfer].compactMap {
            $0.map {
                "the state comes from \($0.source): \($0.bytes.grouped) bytes, \(Int($0.fraction * 100)) %, for \($0.duration)"
            }
        }
        let slow = status.slow.map { "\($0.name) is behind by \($0.positions) places, for \($0.duration)" }
        return ["layout \(layout.name), \(places)"] + [layout.suspension].compactMap { $0.map { "calls wait: \($0)" } }
            + transfers + layout.warnings + slow + (status.divergence.map { ["\($0)"] } ?? [])
    }

    private var methods: [String] {
        schema.methods.map { method in
            let parameters = method.signature.dropLast().joined(separator: ", ")
            let result = method.signature.last ?? "Void"
            return "\(method.kind.rawValue.rightPadded(to: 6)) \(method.name): (\(parameters)) -> \(result)"
        }
    }
}
