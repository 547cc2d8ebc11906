import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor UpdateLock {
    distributed func wait() {
        let lock = NSLock()
        // expected-error @-1 {{'NSLock' has no use here, since the updates run one after the other, and waiting holds up every group of the node; remove it}}
        lock.lock()
    }
}
