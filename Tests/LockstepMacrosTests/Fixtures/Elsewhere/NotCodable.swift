import Distributed
import Lockstep

struct Plain: Sendable {}

@Replicated
distributed actor NotCodable {
    private var count = 0
    private var plain = Plain()
    // error @-1: 'combine(_:named:)' is unavailable: a replicated property must be 'Codable & Sendable'; mark others '@Local'
    @Local private var other = Plain()

    distributed func increment() { count += 1 }
}
