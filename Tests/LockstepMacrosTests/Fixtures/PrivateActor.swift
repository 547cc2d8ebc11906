import Distributed
import Lockstep

enum PrivateActorSpace {
    @Replicated
    private distributed actor PrivateActor {
        // expected-error @-1 {{a replicated actor inside another declaration cannot be 'private', since its extension could not reach it; write 'fileprivate'}}
        // expected-note @-2 {{replace with 'fileprivate'}} {{5-12=fileprivate}}
        distributed func increment() {}
    }
}
