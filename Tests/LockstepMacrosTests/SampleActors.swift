import Distributed
import Lockstep

// The library's names, which the macro must not take for its own.
struct Group {}
struct Delivery {}
struct StateHasher {}

@Replicated
distributed actor Shelf {
    private var stock: [String: Int] = [:]

    /// Adds goods.
    @discardableResult
    distributed func receive(_ quantity: Int, of item: String = "nut") throws -> Int {
        stock[item, default: 0] += quantity
        return stock[item, default: 0]
    }

    @Query
    distributed func quantity(of item: String) -> Int { stock[item, default: 0] }

    distributed func clear() { stock = [:] }

    private distributed func audit() -> Bool { true }

    /// All goods.
    distributed var total: Int { stock.values.reduce(0, +) }

    @Query
    distributed var `default`: [String: Int] { get throws { stock } }
}

/// Nested types, names that the macro's code uses too, and names that need backticks.
@Replicated
distributed actor Awkward {
    struct Item: Codable, Sendable {
        var count = 1
    }

    static let limit = 7
    var hasher = 1, group = 2
    let call: [String: Item] = [:]
    var (left, right) = (1, "x")
    var `default`: Item? { didSet { group += 1 } }
    var reader = 1, writer = "", p0 = 1
    @Local var cache: () -> Int = { 1 }
    @Lockstep.Local let log: [any Error] = []
    var computed: Int { 1 }

    distributed func call(_ call: Int, group: Int, error: Int, hasher: Int) -> Int { call + group }
    distributed func `default`(in: Int, switch x: Int, _ `class`: Int) -> Int { `in` + x + `class` }
    distributed func ignored(_: Int, of _: String) -> () {}
    distributed func nested(_ item: Item = Item(count: limit), others: [Item] = []) -> Item? { item }
    @Lockstep.Query distributed func `of (any) kind`() -> [[Int]] { [] }

    init(actorSystem: LockstepSystem) {
        self.actorSystem = actorSystem
        self.default = nil
    }
}

/// An actor for other modules.
@Replicated
public distributed actor Shop {
    /// The same for others.
    public distributed func open() {}

    distributed func close() {}
}

/// An actor with direct methods, and with names that the code for one member uses too.
@Replicated
public distributed actor Porter {
    struct OnMember: Codable, Sendable {
        var target = 0
    }

    @Local private var carried: [String] = []

    distributed func rest() {}

    /// Carries something at one member.
    @Direct
    public distributed func carry(_ load: String, to target: Int = 0) throws -> Int {
        carried.append(load)
        return target
    }

    @Direct distributed func drop() { carried = [] }
    @Direct distributed func load(_ member: OnMember) -> OnMember { member }
    @Query distributed func on(_ floor: Int) -> Int { floor }
    @Query distributed func next() -> String { "" }
    distributed var target: [String] { carried }
}

enum Warehouse {
    @Replicated
    distributed actor Conditional {
        typealias ActorSystem = LockstepSystem

        #if LOCKSTEP_NEVER
            var never = 0
            distributed func never(_ count: Int) {}
        #else
            var always = 0
            @Query distributed func always(_ count: Int) {}
        #endif
        distributed func both() {}
    }
}

@Replicated
distributed actor Box<Value: Codable & Sendable> {
    var value: Value?

    distributed func put(_ value: Value) -> Value? { self.value }
    distributed func group() -> Void {}
}

/// A name that the handle uses, for a type of the user's.
struct Pipeline: Codable, Sendable {
    var length = 0
}

/// An actor whose methods name a type that is called like the pipeline.
@Replicated
public distributed actor Plumber {
    private var pipes: [Pipeline] = []

    distributed func lay(_ pipe: Pipeline = Pipeline(length: 1)) -> Pipeline { pipe }
    distributed func pipeline() -> Int { pipes.count }
    distributed func cut(_ length: Int) -> Int { length }
    distributed func cut(_ pipe: Pipeline, at: Int) {}
    @Query distributed func cut(_ pipe: Pipeline) throws -> Pipeline { pipe }
    distributed func pipeline(_ length: Int) { pipes.append(Pipeline(length: length)) }
}

@Replicated
distributed actor `Type` {}
