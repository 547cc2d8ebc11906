import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor UpdateUUID {
    var tickets: [UUID] = []

    distributed func create() { tickets.append(UUID()) }
    // expected-error @-1 {{'UUID()' differs on every replica; use 'context.uniqueID()'}}
    // expected-note @-2 {{use 'context.uniqueID()'}} {{48-52=context.uniqueID}}
}
