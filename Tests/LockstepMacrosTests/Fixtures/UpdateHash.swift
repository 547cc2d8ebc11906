import Distributed
import Lockstep

@Replicated
distributed actor UpdateHash {
    var last = 0

    distributed func put(_ text: String) { last = text.hashValue }
    // expected-error @-1 {{'hashValue' gives other values in every process; compute the value from what is hashed}}
}
