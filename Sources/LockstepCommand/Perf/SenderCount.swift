import ArgumentParser

/// How many of the members send: the first by rank.
enum SenderCount: Equatable, ExpressibleByArgument {
    case all
    case first(Int)

    init?(argument: String) {
        switch argument {
        case "all": self = .all
        case "one": self = .first(1)
        default:
            guard let count = Int(argument) else { return nil }
            self = .first(count)
        }
    }

    /// As a number.
    func count(of members: Int) -> Int {
        switch self {
        case .all: members
        case .first(let count): count
        }
    }
}
