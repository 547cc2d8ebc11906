import Distributed
import Lockstep

@Replicated
actor PlainActor {
    // expected-error @-1 {{'@Replicated' needs a distributed actor; write 'distributed actor PlainActor'}}
    // expected-note @-2 {{insert 'distributed'}} {{1-6=distributed actor}}
    var count = 0

    func increment() { count += 1 }
}
