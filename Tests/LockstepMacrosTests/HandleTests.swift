import Lockstep
import Testing

/// What another module could write too, or it would not compile.
@inlinable
public func open(_ shop: Shop.Handle) async throws {
    _ = (shop.group, Shop.schema, Shop.Handle.init)
    try await shop.open()
}

/// The methods of handles, which it is enough to compile: a call needs a group.
@Suite
struct HandleTests {
    @Test
    func hasTheMethodsOfTheActor() {
        let _: (Shelf.Handle) -> (Int, String) async throws -> Int = Shelf.Handle.receive(_:of:)
        let _: (Shelf.Handle) -> (String) async throws -> Int = Shelf.Handle.quantity(of:)
        let _: (Shelf.Handle) -> () async throws -> Void = Shelf.Handle.clear
    }

    @Test
    func hasTheProperties() {
        let _: (Shelf.Handle) async throws -> Int = { shelf in try await shelf.total }
        let _: (Shelf.Handle) async throws -> [String: Int] = { shelf in try await shelf.default }
        let _: (Shelf.Handle) async throws -> [Answer<Int>] = { shelf in try await shelf.all.total }
    }

    @Test
    func nestsInGenericActors() {
        let _: (Box<Int>.Handle) -> (Int) async throws -> Int? = Box<Int>.Handle.put(_:)
        let _: (Box<Int>.Handle) async throws -> Void = { box in try await box.group() }
    }

    @Test
    func keepsConditions() {
        let _: (Warehouse.Conditional.Handle) -> (Int) async throws -> Void =
            Warehouse.Conditional.Handle.always(_:)
    }

    @Test
    func keepsLabelsDefaultsAndAttributes() {
        let _: (Shelf.Handle) async throws -> Void = { shelf in try await shelf.receive(1) }
        let _: (Awkward.Handle) async throws -> Awkward.Item? = { awkward in
            _ = try await awkward.default(in: 1, switch: 2, 3)
            _ = try await awkward.call(1, group: 2, error: 3, hasher: 4)
            _ = try await awkward.`of (any) kind`()
            try await awkward.ignored(1, of: "")
            return try await awkward.nested()
        }
    }

    @Test
    func beginsUpdates() {
        let _: (Shelf.Handle.Pipeline) -> (Int, String) async throws -> Call<Int> =
            Shelf.Handle.Pipeline.receive(_:of:)
        let _: (Shelf.Handle) async throws -> Void = { shelf in
            _ = try await shelf.pipeline.receive(1).value
            let cleared = try await shelf.pipeline.clear()
            try await cleared.value
        }
        let _: (Awkward.Handle) async throws -> Awkward.Item? = { awkward in
            _ = try await awkward.pipeline.call(1, group: 2, error: 3, hasher: 4)
            return try await awkward.pipeline.nested().value
        }
    }

    @Test
    func asksAll() {
        let _: (Shelf.Handle.All) -> (Int, String) async throws -> [Answer<Int>] = Shelf.Handle.All.receive(_:of:)
        let _: (Shelf.Handle) async throws -> Int? = { shelf in
            for answer in try await shelf.all.clear() { try answer.value }
            return try await shelf.all.quantity(of: "bolt").first?.value
        }
    }

    @Test
    func callsOneMember() {
        let _: (Porter.Handle, View.Member) async throws -> Int = { porter, member in
            try await porter.on(member).drop()
            _ = try await porter.next?.load(Porter.OnMember()).target
            _ = try await porter.on(member).target + porter.target
            _ = try await porter.on(porter.on(1)) + porter.on(member).on(2)
            _ = try await porter.next() + (porter.next?.next() ?? "")
            _ = try await porter.all.carry("a").map { try $0.value }
            return try await porter.on(member).carry("a", to: 2)
        }
        let _: (Shelf.Handle, View.Member) async throws -> Int? = { shelf, member in
            _ = try await shelf.reading(.local).on(member).quantity(of: "bolt")
            return try await shelf.next?.total
        }
    }

    @Test
    func asksConditions() {
        let _: (Shelf.Queries) -> (String) -> Int = Shelf.Queries.quantity(of:)
        let _: (Shelf.Queries) -> Int = { shelf in shelf.total }
        let _: (Shelf.Handle) async throws -> Void = { shelf in
            try await shelf.group.wait { $0.quantity(of: "bolt") == 1 }
            let _: Int = try await shelf.group.wait { $0.total > 1 ? $0.total : nil }
        }
    }

    @Test
    func leavesUpdatesForLater() {
        let _: (Shelf.Deferred) -> (Int, String) throws -> EffectID = Shelf.Deferred.receive(_:of:)
        let _: (Shelf.Deferred) throws -> Void = { shelf in
            try shelf.receive(1)
            try shelf.clear()
        }
        let _: (Awkward.Deferred) throws -> EffectID = { awkward in
            try awkward.call(1, group: 2, error: 3, hasher: 4)
        }
        let _: (Box<Int>.Deferred) -> (Int) throws -> EffectID = Box<Int>.Deferred.put(_:)
    }

    @Test
    func leavesTheNamesOfThePipelineToTheUser() {
        let _: (Box<Int>.Handle) async throws -> Void = { box in try await box.pipeline.group().value }
        let _: (Plumber.Handle) async throws -> Pipeline = { plumber in
            try await plumber.pipeline(1)
            _ = try await plumber.cut(plumber.pipeline.cut(1).value)
            _ = try await plumber.cut(Pipeline())
            _ = try await plumber.pipeline() + plumber.pipeline.pipeline().value
            try await plumber.pipeline.pipeline(1).value
            return try await plumber.pipeline.lay(Pipeline(length: 2)).value
        }
    }
}
