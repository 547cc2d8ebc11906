import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor InitialAssignment {
    var started: Date
    let home: String?

    init(actorSystem: LockstepSystem) {
        self.actorSystem = actorSystem
        home = ProcessInfo.processInfo.environment["HOME"]
        started = Date()
        // expected-error @-1 {{'Date' makes the initial state of the replicas differ; set this with an update}}
    }
}
