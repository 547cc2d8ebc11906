import Distributed
import Lockstep

@Replicated
distributed actor UnknownType {
    private var count = 0

    distributed func add(_ number: Missing) { count += 1 }
    // error @-1: cannot find type 'Missing' in scope
}
