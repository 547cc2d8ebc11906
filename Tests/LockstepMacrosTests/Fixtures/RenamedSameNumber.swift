import Distributed
import Lockstep

@Replicated
distributed actor RenamedSameNumber {
    distributed func ship() {}

    @Renamed(from: "ship()") distributed func dispatch() {}
    // expected-error @-1 {{'dispatch()' has the same number, 0xD25A_4B54, as 'ship()' on line 6; rename one of them}}
}
