import Distributed
import Lockstep

@Replicated
distributed actor OtherSystem {
    typealias ActorSystem = LocalTestingDistributedActorSystem
    // expected-error @-1 {{a replicated actor belongs to 'LockstepSystem', which '@Replicated' says; remove this}}
    // expected-note @-2 {{replace with 'LockstepSystem'}} {{29-63=LockstepSystem}}

    distributed func add() {}
}
