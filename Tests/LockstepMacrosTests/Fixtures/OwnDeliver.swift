import Distributed
import Lockstep

@Replicated
distributed actor OwnDeliver {
    distributed func deliver(_ parcel: String) {}
    // expected-error @-1 {{'@Replicated' adds 'deliver(_:)' to the actor; remove or rename this one}}
}
