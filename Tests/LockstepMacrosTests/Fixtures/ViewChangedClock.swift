import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor ViewChangedClock: ViewAware {
    var changed = 0.0

    func viewChanged(_ view: GroupView) { changed = Date().timeIntervalSince1970 }
    // expected-error @-1 {{'Date' tells another time on every replica; use 'context.now', the time of the update}}
}
