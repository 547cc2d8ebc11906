import Distributed
import Lockstep

@Replicated
distributed actor RenamedUnknown {
    static let old = "stock"
    @Renamed(from: old) private var pieces = 0
    // expected-error @-1 {{'@Renamed' needs the old name as a plain string literal}}
}
