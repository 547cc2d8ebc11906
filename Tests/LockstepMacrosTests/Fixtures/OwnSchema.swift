import Distributed
import Lockstep

@Replicated
distributed actor OwnSchema {
    static let schema = 1
    // expected-error @-1 {{'@Replicated' adds 'schema' to the actor; remove or rename this one}}
}
