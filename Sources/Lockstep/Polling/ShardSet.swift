/// Some of a poller's shards, in the order in which they were put in. Putting one in twice costs no more than looking.
struct ShardSet: Sequence {
    private var isIn: [Bool] = []
    private var list: [Int] = []

    /// Makes room for shards below a number.
    mutating func grow(to count: Int) {
        while isIn.count < count { isIn.append(false) }
    }

    mutating func insert(_ shard: Int) {
        guard shard < isIn.count, !isIn[shard] else { return }
        isIn[shard] = true
        list.append(shard)
    }

    func contains(_ shard: Int) -> Bool { shard < isIn.count && isIn[shard] }

    var isEmpty: Bool { list.isEmpty }

    /// True if there is none, or only this one.
    func isEmpty(but shard: Int) -> Bool { list.allSatisfy { $0 == shard } }

    mutating func removeAll() {
        guard !list.isEmpty else { return }
        for shard in list { isIn[shard] = false }
        list.removeAll(keepingCapacity: true)
    }

    /// Takes out those for which `isKept` says no.
    mutating func keep(_ isKept: (Int) -> Bool) {
        list.removeAll { shard in
            let isKept = isKept(shard)
            isIn[shard] = isKept
            return !isKept
        }
    }

    func makeIterator() -> IndexingIterator<[Int]> { list.makeIterator() }
}
