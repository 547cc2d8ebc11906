import Distributed
import Foundation
import Lockstep
import Synchronization

// What looks like a source of differences and is none: it is enough that this compiles.

/// A user's type that has the name of a library's.
struct Ticket: Codable, Sendable {
    static func random(sides: Int) -> Int { sides }

    enum Urgency: String, Codable, Sendable { case now, later }

    var now = 1

    func random() -> Int { now }
}

@Replicated
distributed actor Deterministic {
    private var stock: [String: Int] = [:]
    private var names: Set<String> = []
    private var log: [String] = []
    private var dates: [Date] = []
    private var ticket = Ticket()
    private var time = 0
    private var urgency = Ticket.Urgency.later
    @Local private var seen = Date.distantPast
    @Local private var report: @Sendable (Int) -> Void = { _ in }
    @Local private let mutex = NSLock()

    private var count: Int { stock.count + names.count }

    distributed func read(_ at: Date, _ id: UUID, using generator: Int) {
        dates = [at, Date(timeIntervalSince1970: 1), Date(timeInterval: 1, since: at)]
        log.append(id.uuidString)
        print("\(at) \(stock)")
        seen = Date()
        self.seen = .now
        time = ticket.now + Ticket.random(sides: 6) + ticket.random()
        switch urgency {
        case .now: time += 1
        case .later: time = clock(at: time)
        }
    }

    distributed func order(_ more: Set<String>) {
        for (item, count) in stock.sorted(by: { $0.key < $1.key }) { log.append("\(item) \(count)") }
        for name in names.sorted() { log.append(name) }
        for name in names.anyOrder { stock[name] = nil }
        for name in log { names.insert(name) }
        for (item, _) in stock.anyOrder.filter({ $0.value > 1 }) { names.insert(item) }
        log = stock.map(\.key).sorted() + names.anyOrder.map { $0 }
        names.formUnion(stock.map { $0.key })
        names = Set(stock.keys).union(Set(more.map { $0.lowercased() }))
        stock = stock.mapValues { $0 + 1 }.filter { $0.value > 0 }
        _ = (stock.min { $0.key < $1.key }, names.max(), names.contains("x"), stock.keys.contains("y"))
        _ = stock.allSatisfy { $0.value > 0 } && names.isEmpty && stock.anyOrder.values.reduce(0, +) > 0
        log = Array(names).sorted()
    }

    /// The parameter hides the property.
    distributed func hide(_ stock: [String]) {
        for item in stock { log.append(item) }
        var generator = Seeded()
        _ = (Int.random(in: 1...6, using: &generator), stock.randomElement(using: &generator))
    }

    @Query
    distributed func now() -> [String] { [Date.now.description, UUID().uuidString] + names.map { $0 } }

    nonisolated func outside() -> UUID { UUID() }

    static func make(_ system: LockstepSystem) -> Date { Date() }

    func follow() async { try? await Task.sleep(for: .seconds(1)) }
}

/// A generator whose numbers are the same everywhere.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return state
    }
}

/// A function that is called like one in C.
func clock(at time: Int) -> Int { time + 1 }

/// An actor with a type that is called like one of the language.
@Replicated
distributed actor Todo {
    struct Task: Codable, Sendable {
        var title: String
        var priority: Int
    }

    private var tasks: [Task] = []

    distributed func add(_ title: String, _ priority: Int) { tasks.append(Task(title: title, priority: priority)) }
}
