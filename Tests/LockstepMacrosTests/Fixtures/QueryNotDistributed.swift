import Distributed
import Lockstep

@Replicated
distributed actor QueryNotDistributed {
    var count = 0

    @Query
    func current() -> Int { count }
    // expected-error @-1 {{'@Query' needs a distributed method; write 'distributed func current'}}
    // expected-note @-2 {{insert 'distributed'}} {{5-9=distributed func}}
}
