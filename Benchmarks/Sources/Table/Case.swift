/// One row of the table: how many members, who sends, and how much.
struct Case: Hashable {
    enum Senders: String, CaseIterable {
        case one, all
    }

    let members: Int
    let senders: Senders
    let size: Int

    /// What `--only` looks at.
    var name: String { "\(members)/\(senders)/\(size)" }

    /// The size of the ring, if the default of 1 MiB is too small: a message takes at most a quarter of it, with a
    /// header of 16 bytes.
    var ringBytes: Int? {
        var bytes = 1 << 20
        while size > bytes / 4 - 16 { bytes *= 2 }
        return bytes > 1 << 20 ? bytes : nil
    }

    /// One word, a usual update, and then up to what a ring of more than 1 MiB is for.
    static let sizes = [8, 100, 1024, 10240, 65536, 262_144]

    static let all = cases(members: 2...4, sizes: sizes)

    /// For CI: a small, a middling and a large message.
    static let few = cases(members: 3...3, sizes: [8, 10240, 262_144])

    private static func cases(members: ClosedRange<Int>, sizes: [Int]) -> [Case] {
        members.flatMap { members in
            Senders.allCases.flatMap { senders in
                sizes.map { Case(members: members, senders: senders, size: $0) }
            }
        }
    }
}
