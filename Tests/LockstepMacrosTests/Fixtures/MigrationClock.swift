import Distributed
import Foundation
import Lockstep

@Replicated(level: 2)
distributed actor MigrationClock {
    var created = 0.0

    @Migration(to: 2)
    static func setCreated(_ state: inout SavedState) throws {
        try state.write(Date().timeIntervalSince1970, named: "created")
        // expected-error @-1 {{'Date' makes the replicas differ that are migrated; set this with an update}}
    }
}
