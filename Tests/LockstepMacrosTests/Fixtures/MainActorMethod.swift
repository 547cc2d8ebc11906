import Distributed
import Lockstep

@Replicated
distributed actor MainActorMethod {
    @MainActor distributed func add() {}
    // expected-error @-1 {{a method of a replicated actor runs in the actor's own isolation; remove '@MainActor'}}
    // expected-note @-2 {{remove '@MainActor'}} {{5-16=}}
}
