import Distributed

/// Makes a `distributed actor` replicated: every member of a group keeps a copy, and every update runs on all
/// copies in one order.
///
/// ```swift
/// @Replicated
/// distributed actor Inventory {
///     private var stock: [String: Int] = [:]
///
///     distributed func receive(_ quantity: Int, of item: String) -> Int {
///         stock[item, default: 0] += quantity
///         return stock[item]!
///     }
///
///     @Query
///     distributed func quantity(of item: String) -> Int { stock[item, default: 0] }
/// }
/// ```
///
/// Each `distributed func` is an **update** unless it is marked ``Query()`` or ``Direct()``; a `distributed var` is a query. All must
/// be synchronous and not generic, and their arguments, results and the stored properties must be `Codable &
/// Sendable`; they may throw.
/// A stored property that is marked ``Local()`` belongs to one replica alone.
/// An update that throws does not undo what it changed before: every replica throws at the same place.
///
/// Methods of one full name may take different types; they are called through the handle, not through a resolved
/// reference.
///
/// A `distributed func` in an extension is not replicated: the macro sees only the actor's own body.
///
/// Each replica runs the code for itself, so it must not ask for what differs between them: the time, random
/// numbers, the machine, or the order of a set or a dictionary. The macro reports what it recognizes in the bodies of
/// updates, of other methods and computed properties; not in queries, which run on one replica, and not in what is
/// `static`, `nonisolated` or `async`. See ``Swift/Dictionary/anyOrder`` for code in which the order does not matter.
///
/// The macro adds the actor system, the executor, the dispatch by number and `Handle`, through which the group
/// is called. It does not change the methods.
///
/// - Parameter level: The release of the actor, from 1, as an integer literal. Raise it with what members of an earlier
///   release cannot do: see ``Since(_:)``, ``Migration(to:)`` and ``UpdateContext/level``.
@attached(
    member,
    names: named(ActorSystem),
    named(unownedExecutor),
    named(context),
    named(Handle),
    named(Deferred),
    named(Queries),
    named(schema),
    named(deliver),
    named(hashState),
    named(writeState),
    named(readState)
)
@attached(extension, conformances: ReplicatedActor)
public macro Replicated(level: Int = 1) = #externalMacro(module: "LockstepMacros", type: "ReplicatedMacro")

/// Marks a `distributed func` of a replicated actor that changes nothing.
///
/// A query is answered by one replica. It is linearizable: it sees every update whose result anybody had before
/// the query began.
@attached(peer)
public macro Query() = #externalMacro(module: "LockstepMacros", type: "QueryMacro")

/// Marks a `distributed func` of a replicated actor that runs at the member that is called, and nowhere else.
///
/// ```swift
/// @Replicated
/// distributed actor Cache {
///     @Local private var pages: [String: Int] = [:]
///
///     @Direct
///     distributed func warm(_ page: String) { pages[page, default: 0] += 1 }
/// }
///
/// try await cache.on(member).warm("index")   // at this member
/// try await cache.next?.warm("index")        // at the next one in rank
/// try await cache.all.warm("index")          // at each, with what each of them says
/// ```
///
/// It runs between two updates, apart from their order, so that other replicas do not see what it does: it may change
/// what is ``Local()``, and nothing else. In debug builds a change of the replicated state is the error
/// ``LockstepError/Code/queryChangedState``. Its `context` names the caller.
///
/// A call runs at most once, and in the caller's view or a later one in which the caller is still a member.
/// ``GroupMember`` says what its errors mean.
@attached(peer)
public macro Direct() = #externalMacro(module: "LockstepMacros", type: "DirectMacro")

/// Marks a stored property of a replicated actor that each replica has for itself: a cache, a counter for logs.
///
/// It is no part of the state that must be equal, nor of snapshots, and need not be `Codable`. What an update
/// returns or stores elsewhere must not depend on it.
///
/// ```swift
/// private var prices: [String: Int] = [:]
/// @Local private var cheapest: String?   // found again when it is missing
/// ```
@attached(peer)
public macro Local() = #externalMacro(module: "LockstepMacros", type: "LocalMacro")

/// Marks a method or a stored property of a replicated actor that had another name in earlier releases.
///
/// Calls and snapshots go on to use the old name, so that members of both releases go together.
///
/// ```swift
/// @Renamed(from: "stock") private var pieces: [String: Int] = [:]
///
/// @Renamed(from: "ship(_:of:)")
/// distributed func dispatch(_ quantity: Int, of item: String) { pieces[item, default: 0] -= quantity }
/// ```
///
/// What is renamed again keeps its first name here. The fields of a struct are renamed by its `CodingKeys`.
@attached(peer)
public macro Renamed(from oldName: String) = #externalMacro(module: "LockstepMacros", type: "RenamedMacro")

/// Marks a method of a replicated actor that may be called from a level of the group on.
///
/// Before every replica runs a release of that level, its calls throw ``LockstepError/Code/notYet``, and it runs nowhere.
///
/// ```swift
/// @Since(2) @Query
/// distributed func shipped() -> Int { shipments }
/// ```
@attached(peer)
public macro Since(_ level: Int) = #externalMacro(module: "LockstepMacros", type: "SinceMacro")

/// Marks a static function of a replicated actor that brings what an earlier release has saved to a level.
///
/// It runs when a replica is given the state of one of a lower level. Those of several levels run one after the other,
/// and what they have written is then read as if it had been saved so.
///
/// ```swift
/// @Migration(to: 2)
/// static func centsForEuros(_ state: inout SavedState) throws {
///     let euros = try state.read("euros", as: [String: Int].self) ?? [:]
///     try state.write(euros.mapValues { $0 * 100 }, named: "cents")
/// }
/// ```
///
/// While members run both releases, each update must come to the same whether a replica was migrated before or after it.
@attached(peer)
public macro Migration(to level: Int) = #externalMacro(module: "LockstepMacros", type: "MigrationMacro")

/// What ``Replicated(level:)`` makes of an actor. Do not conform to it by hand.
public protocol ReplicatedActor: DistributedActor, Sendable
where ActorSystem == LockstepSystem {
    /// The typed way to call a group of this actor.
    associatedtype Handle: ReplicatedHandle where Handle.Replica == Self

    /// The updates, as another update leaves them for later.
    associatedtype Deferred: DeferredCalls

    /// The queries of the actor, as conditions ask this node's replica: see ``Group/wait(timeout:until:)``.
    associatedtype Queries: ReplicaQueries where Queries.Replica == Self

    /// What updates publish for ``Group/changes``: a type of this name in the actor, such as an enumeration.
    associatedtype Change: Codable & Sendable = Never

    /// What updates leave to be done outside: a type of this name in the actor, such as an enumeration.
    associatedtype Effect: Codable & Sendable = Never

    /// The methods, and how they are called by number.
    static var schema: ActorSchema { get }

    /// Runs the method that a delivered call names.
    func deliver(_ call: inout Delivery)

    /// A call of another group or an effect outside has failed and will not be tried again. It is an update.
    ///
    /// An actor need not have this method: without it, the failure is logged and nothing else happens.
    func effectFailed(_ failure: EffectFailure)

    /// Feeds every replicated property, by name, to a hash that is equal on equal replicas.
    func hashState(into hasher: inout StateHasher)

    /// Adds every replicated property, by name, to a snapshot.
    func writeState(to writer: inout StateWriter)

    /// Replaces the replicated properties by those of a snapshot.
    ///
    /// A property that the snapshot lacks keeps its value, one that the actor lacks is passed over, and a `let`
    /// must have the value that it has here. Observers of properties run.
    ///
    /// What a replica of an earlier level has saved is migrated first (``Migration(to:)``).
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property or the migration, or says that the
    ///   snapshot is of a newer level. Then nothing has changed.
    func readState(from reader: inout StateReader) throws
}

/// The typed way to call a group: it has the methods of the actor, each of them `async throws`.
public protocol ReplicatedHandle: Sendable {
    /// The actor whose group this calls.
    associatedtype Replica: ReplicatedActor

    /// The group that is called.
    var group: Group<Replica> { get }

    /// Makes a handle for a group.
    init(_ group: Group<Replica>)
}
