import Distributed
import Lockstep

@Replicated
distributed actor OwnWriteState {
    func writeState(to writer: inout String) {}
    // expected-error @-1 {{'@Replicated' adds 'writeState(to:)' to the actor; remove or rename this one}}
}
