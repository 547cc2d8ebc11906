import CLockstep

/// The cores that a thread may run on.
struct CoreSet: Equatable, Sequence {
    private let cores: lockstep_cores
    let count: Int

    /// The set of the calling thread; nil where the kernel does not tell.
    static var ofThisThread: CoreSet? {
        var cores = lockstep_cores()
        let count = lockstep_cores_allowed(&cores)
        return count > 0 ? CoreSet(cores: cores, count: Int(count)) : nil
    }

    /// Those of a NUMA node that the calling thread may run on; nil if there are none.
    init?(ofNUMANode node: Int) {
        var cores = lockstep_cores()
        let count = lockstep_numa_cores(Int32(node), &cores)
        guard count > 0 else { return nil }
        self.init(cores: cores, count: Int(count))
    }

    private init(cores: lockstep_cores, count: Int) { (self.cores, self.count) = (cores, count) }

    /// Keeps the calling thread on these cores.
    func keepThisThread() {
        var cores = cores
        // It fails only if none of them is left for the process, and then the kernel has chosen others.
        lockstep_cores_allow(&cores)
    }

    /// The core that the calling thread runs on now.
    static var current: Int { Int(lockstep_core_current()) }

    /// Moves the calling thread to a core of this set, its own, and leaves it there; false if the kernel refuses.
    ///
    /// It does not stay pinned: a thread inherits its set from the thread that starts it, and resuming a task
    /// may start one of the runtime's threads, which would then share this core for good.
    func moveThisThread(to core: Int) -> Bool {
        guard Self.pinThisThread(to: core) else { return false }
        keepThisThread()
        return true
    }

    /// Moves the calling thread to a core and keeps it there; false if the kernel refuses.
    static func pinThisThread(to core: Int) -> Bool { lockstep_core_pin(Int32(core)) == 0 }

    /// All cores but one, beginning after it: the nearest usually share its cache and its memory.
    func others(than core: Int) -> [Int] {
        let all = Array(self)
        return all.filter { $0 > core } + all.filter { $0 < core }
    }

    func makeIterator() -> AnyIterator<Int> {
        var cores = cores
        var next: Int32 = 0
        return AnyIterator {
            let core = lockstep_cores_next(&cores, next)
            guard core >= 0 else { return nil }
            next = core + 1
            return Int(core)
        }
    }

    static func == (left: CoreSet, right: CoreSet) -> Bool { left.elementsEqual(right) }
}
