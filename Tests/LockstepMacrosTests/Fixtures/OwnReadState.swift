import Distributed
import Lockstep

@Replicated
distributed actor OwnReadState {
    func readState(from reader: inout String) {}
    // expected-error @-1 {{'@Replicated' adds 'readState(from:)' to the actor; remove or rename this one}}
}
