import Distributed
import Lockstep

@Replicated
distributed actor RenamedShort {
    @Renamed(from: "ship") distributed func dispatch(_ quantity: Int, of item: String) {}
    // expected-error @-1 {{'@Renamed' needs the old full name, with a label for each argument, such as 'ship(_:of:)'}}
    // expected-note @-2 {{write 'ship(_:of:)'}} {{21-25=ship(_:of:)}}
}
