import Distributed
import Lockstep

@Replicated
distributed actor DirectNotDistributed {
    @Local var count = 0

    @Direct
    func note() { count += 1 }
    // expected-error @-1 {{'@Direct' needs a distributed method; write 'distributed func note'}}
    // expected-note @-2 {{insert 'distributed'}} {{5-9=distributed func}}
}
