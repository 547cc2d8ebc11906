import Glibc
import Lockstep
import Synchronization

struct Overdrawn: Error, Codable, Equatable {
    let account: String
    let missing: Int
}

/// What breaks while it is encoded.
struct Unencodable: Codable, Sendable {
    struct Broken: Error {}

    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws { throw Broken() }
}

/// What encodes well and cannot be decoded.
struct Undecodable: Codable, Sendable {
    struct Broken: Error {}

    init() {}
    init(from decoder: any Decoder) throws { throw Broken() }
    func encode(to encoder: any Encoder) throws {}
}

enum Entry: Codable, Sendable, Equatable {
    case deposit(amount: Int, note: String?)
    case closing
}

/// The replicated actor of these tests.
@Replicated
distributed actor Ledger {
    private var accounts: [String: Int] = [:]
    private var history: [String] = []
    private var entries: [Entry] = []

    distributed func deposit(_ amount: Int, to account: String) -> Int {
        accounts[account, default: 0] += amount
        return accounts[account, default: 0]
    }

    distributed func withdraw(_ amount: Int, from account: String) throws -> Int {
        let balance = accounts[account, default: 0]
        guard balance >= amount else { throw Overdrawn(account: account, missing: amount - balance) }
        accounts[account] = balance - amount
        return balance - amount
    }

    distributed func note(_ line: String) { history.append(line) }

    distributed func add(_ entry: Entry, at dates: [String: Set<Int>]) -> Entry {
        entries.append(entry)
        return entry
    }

    distributed func store(_ bytes: [UInt8]) -> Int { bytes.count }

    distributed func take(_ value: Unencodable) {}

    distributed func take(other value: Undecodable) {}

    @Query
    distributed func balance(of account: String) -> Int { accounts[account, default: 0] }

    distributed var total: Int { accounts.values.reduce(0, +) }

    distributed var closing: Entry? {
        get throws {
            guard let last = entries.last else { throw Overdrawn(account: "entries", missing: 1) }
            return last
        }
    }

    @Query
    distributed func lines() -> [String] { history }

    @Query
    distributed func check(_ account: String) throws {
        guard accounts[account] != nil else { throw Overdrawn(account: account, missing: 0) }
    }
}

/// The same group name with other methods.
@Replicated
distributed actor OtherLedger {
    private var total = 0

    distributed func deposit(_ amount: Int) { total += amount }
}

/// An actor whose type has an argument.
@Replicated
distributed actor Box<Value: Codable & Sendable> {
    private var values: [Value] = []

    distributed func put(_ value: Value) -> Int {
        values.append(value)
        return values.count
    }
}

/// An actor that keeps the poller of the member that asks it busy.
@Replicated
distributed actor Sleeper {
    static let isAsleep = Atomic(false)

    @Query
    distributed func sleep(milliseconds: UInt32) {
        Sleeper.isAsleep.store(true, ordering: .relaxed)
        usleep(milliseconds * 1000)
    }
}
