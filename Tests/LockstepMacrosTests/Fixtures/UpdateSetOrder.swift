import Distributed
import Lockstep

@Replicated
distributed actor UpdateSetOrder {
    private var members = Set<String>()
    var leader: String?

    distributed func elect() { leader = self.members.first }
    // expected-error @-1 {{the order of 'self.members' differs on every replica; sort it, or write 'self.members.anyOrder' if the order does not matter}}
    // expected-note @-2 {{sort it}} {{46-53=members.sorted()}}
}
