import Distributed
import Lockstep

@Replicated
distributed actor QueryPublish {
    enum Change: Codable {
        case told(Int)
    }

    var last = 0

    @Query
    distributed func told() { publish(.told(last)) }
    // expected-error @-1 {{'publish' leaves something in the state of every replica, and a query runs on one; remove '@Query' or leave it in an update}}

    distributed func tell() { publish(.told(last)) }
}
