import Distributed
import Lockstep

@Replicated
distributed actor DirectOnProperty {
    @Direct
    // expected-error @-1 {{'@Direct' can only mark a 'distributed func'; make a method of this or remove '@Direct'}}
    // expected-note @-2 {{remove '@Direct'}} {{5-12=}}
    distributed var count: Int { 0 }
}
