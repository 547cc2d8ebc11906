import Distributed
import Lockstep

func actorInFunction() {
    @Replicated distributed actor Inner { distributed func add() {} }
    // expected-error @-1 {{local type cannot have attached extension macro}}
}
