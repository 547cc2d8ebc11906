import Distributed
import Lockstep

@Replicated
distributed actor UnknownDefault {
    private var count = 0

    distributed func add(_ number: Int = nowhere) { count += number }
    // error @-1: cannot find 'nowhere' in scope
}
