import Distributed
import Lockstep

@Replicated
distributed actor SendingParameter {
    distributed func add(_ number: sending Int) {}
    // expected-error @-1 {{a method of a replicated actor cannot say 'sending', which Swift 6.3 cannot compile in a distributed method; remove it, since the types are 'Sendable' anyway}}
    // expected-note @-2 {{remove 'sending'}} {{36-44=}}
}
