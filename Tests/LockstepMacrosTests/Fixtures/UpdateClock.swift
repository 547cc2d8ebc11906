import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor UpdateClock {
    var created = 0.0

    distributed func create() { created = Date().timeIntervalSince1970 }
    // expected-error @-1 {{'Date' tells another time on every replica; use 'context.now', the time of the update}}
}
