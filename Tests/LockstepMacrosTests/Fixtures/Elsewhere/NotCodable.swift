import Distributed
import Lockstep

struct Plain: Sendable {}

@Replicated
distributed actor NotCodable {
    private var count = 0
    private var plain = Plain()
    @Local private var other = Plain()

    distributed func increment() { count += 1 }
}
