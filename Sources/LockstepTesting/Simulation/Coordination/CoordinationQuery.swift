import LockstepCoordination
import LockstepProtocol

/// What users ask a replica.
enum CoordinationQuery {
    case entry(key: String, shelf: String)
    case item(key: String, TaskTicket)

    struct Answer {
        let bytes: [UInt8]?
        let version: UInt64
    }

    var group: CoordinationGroup {
        switch self {
        case .entry: .values
        case .item: .turns
        }
    }

    func answer(from replica: CoordinationReplica) -> Answer {
        switch self {
        case .entry(let key, let shelf):
            let entry = replica.entry(at: key, on: shelf)
            return Answer(bytes: entry?.bytes, version: entry?.version ?? 0)
        case .item(let key, let ticket): return Answer(bytes: replica.item(of: key, ticket), version: 0)
        }
    }
}
