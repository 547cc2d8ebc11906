import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor InitialValue {
    @Local var seen = Date()
    private var ticket = UUID()
    // expected-error @-1 {{'UUID' makes the initial state of the replicas differ; set this with an update}}
}
