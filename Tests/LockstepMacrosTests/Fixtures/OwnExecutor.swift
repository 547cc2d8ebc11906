import Distributed
import Lockstep

@Replicated
distributed actor OwnExecutor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { actorSystem.unownedExecutor }
    // expected-error @-1 {{'@Replicated' adds 'unownedExecutor' to the actor; remove or rename this one}}
}
