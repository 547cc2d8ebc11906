import Glibc
import Synchronization

/// Ctrl-C and its like, noted for a loop that looks at it.
enum Interruption {
    private static let noted = Atomic<Int32>(0)

    /// The signal that came, if one did.
    static var signal: Int32? {
        let number = noted.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Notes SIGINT, SIGTERM and SIGHUP from now on, instead of ending.
    static func watch() {
        // Made here: the handler may not be the first to touch it.
        noted.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            _ = Glibc.signal(number) { Interruption.noted.store($0, ordering: .relaxed) }
        }
    }
}
