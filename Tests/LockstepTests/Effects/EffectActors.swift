import Lockstep

/// Locks that expire.
@Replicated
distributed actor Locks {
    private(set) var holders: [String: String] = [:]
    private(set) var timers: [String: EffectID] = [:]
    private var expired: [String] = []
    private var times: [Duration] = []

    distributed func take(_ lock: String, for holder: String, milliseconds: Int) throws {
        let now = context.now
        timers[lock] = try after(.milliseconds(milliseconds)).expire(lock, since: now)
        holders[lock] = holder
    }

    @discardableResult
    distributed func release(_ lock: String) -> Bool {
        holders[lock] = nil
        return timers.removeValue(forKey: lock).map { cancel($0) } ?? false
    }

    distributed func expire(_ lock: String, since start: Timestamp) {
        holders[lock] = nil
        expired.append(lock)
        times.append(context.now - start)
    }

    /// Leaves many timers at once, the last one first.
    distributed func takeMany(_ count: Int, milliseconds: Int) throws {
        let now = context.now
        for number in (0..<count).reversed() {
            try after(.milliseconds(milliseconds) + .microseconds(number)).expire("\(number)", since: now)
        }
    }

    distributed func chain(_ left: Int) throws {
        expired.append("\(left)")
        if left > 0 { try after(.zero).chain(left - 1) }
    }

    distributed func throwLater() throws { try after(.zero).throwNow() }

    distributed func throwNow() throws {
        expired.append("thrown")
        throw CancellationError()
    }

    @Query
    distributed func allExpired() -> [String] { expired }

    @Query
    distributed func delays() -> [Duration] { times }
}

/// A till that books every sale in a ledger, and sends a receipt.
@Replicated
distributed actor Till {
    enum Effect: Codable, Sendable, Hashable {
        case receipt(number: Int)
    }

    private var books: GroupReference<Books> = "books"
    private var failures: [String] = []

    distributed func sell(_ amount: Int) throws { try call(books).post(amount) }

    distributed func sellMany(_ count: Int) throws {
        for number in 0..<count { try call(books).post(number) }
    }

    distributed func sendReceipt(_ number: Int) throws -> EffectID { try perform(.receipt(number: number)) }

    distributed func use(_ name: String) { books = GroupReference(GroupID(name)) }

    /// How many of so many receipts there is room for.
    distributed func send(receipts count: Int) -> Int {
        for number in 0..<count {
            guard (try? perform(.receipt(number: number))) != nil else { return number }
        }
        return count
    }

    func effectFailed(_ failure: EffectFailure) { failures.append(failure.reason) }

    @Query
    distributed func allFailures() -> [String] { failures }
}

struct NegativeAmount: Error {}

/// What a till has sold.
@Replicated
distributed actor Books {
    private var posted: [Int] = []

    distributed func post(_ amount: Int) throws {
        posted.append(amount)
        if amount < 0 { throw NegativeAmount() }
    }

    @Query
    distributed func all() -> [Int] { posted }
}
