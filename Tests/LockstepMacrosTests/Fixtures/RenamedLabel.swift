import Distributed
import Lockstep

@Replicated
distributed actor RenamedLabel {
    private var stock = 0
    @Renamed(from: "stock") private var pieces = 0
    // expected-error @-1 {{another property has the name "stock" in snapshots; rename one of them}}
}
