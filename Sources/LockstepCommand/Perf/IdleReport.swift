/// What nodes with nothing to do have used.
struct IdleReport {
    let groups: Int
    let seconds: Double
    private let members: [IdleFigures]

    init(groups: Int, seconds: Double, _ members: [IdleFigures]) {
        (self.groups, self.seconds, self.members) = (groups, seconds, members)
    }

    /// The most of all nodes.
    var cpuPercent: Double { members.map(\.cpuPercent).max() ?? 0 }

    var json: JSONText {
        .object([
            "members": .integer(UInt64(members.count)), "groups": .integer(UInt64(groups)),
            "seconds": .number(seconds, digits: 3),
            "cpuPercentPerNode": .number(cpuPercent, digits: 4),
            "residentMegabytesPerNode": .number(megabytes(\.residentBytes), digits: 2),
            "ownMegabytesPerNode": .number(megabytes(\.ownBytes), digits: 2),
            "cpuPercent": .list(members.map { .number($0.cpuPercent, digits: 4) }),
        ])
    }

    var text: String {
        let nodes = members.count == 1 ? "One node" : "\(members.count.spelled.capitalizedFirst) nodes"
        let groups = groups == 1 ? "one group" : "\(groups.spelled) groups"
        return """
            \(nodes) with \(groups) rested for \(seconds.fixed(1)) s. The one that used the most:

            processor   \(cpuPercent.fixed(3)) %
            memory      \(megabytes(\.residentBytes).withThreeDigits) MB, \
            of which \(megabytes(\.ownBytes).withThreeDigits) MB are not mapped from files

            """
    }

    private func megabytes(_ bytes: (IdleFigures) -> UInt64) -> Double {
        Double(members.map(bytes).max() ?? 0) / 1e6
    }
}

extension IdleFigures {
    fileprivate var cpuPercent: Double {
        nanoseconds == 0 ? 0 : Double(processorNanoseconds) / Double(nanoseconds) * 100
    }
}
