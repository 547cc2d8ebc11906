import Lockstep

/// The actor whose snapshots the tests take.
@Replicated
distributed actor Archive {
    let shelves: Int
    private var books: [String: Int] = [:]
    private var tags: Set<String> = []
    private var entries: [Entry] = []
    private var ratio: Double? { didSet { changes += 1 } }
    private var changes = 0
    @Local private var visits = 0
    @Local private var describe: @Sendable (Int) -> String = { "\($0)" }

    #if LOCKSTEP_NEVER
        private var never = 0
    #else
        private var always = ["a"]
    #endif

    init(shelves: Int = 3, actorSystem: LockstepSystem) {
        self.shelves = shelves
        self.actorSystem = actorSystem
    }

    distributed func fill(_ count: Int) {
        for number in 0..<count {
            books["book \(number)"] = number * number - 7
            tags.insert("tag \(number)")
        }
        entries = [.deposit(amount: count, note: nil), .closing]
        ratio = Double(count) / 3
        always.append("é")
        visits += 1
    }

    @Query
    distributed func visitCount() -> Int { visits }
}

/// The same actor in a later version: without the tags, with an index.
@Replicated
distributed actor LaterArchive {
    var books: [String: Int] = [:]
    var index: [Int] = [1, 2]
}

/// The same actor in a version that calls the books by another name.
@Replicated
distributed actor RenamedArchive {
    @Renamed(from: "books") var titles: [String: Int] = [:]
}

/// The same actor in a version whose books have other values.
@Replicated
distributed actor OtherArchive {
    var changes = 5
    var books: [String: String] = [:]
}

/// What breaks when a snapshot is taken.
@Replicated
distributed actor Unwritable {
    var fine = 1
    var broken = Unencodable()
}
