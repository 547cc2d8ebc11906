import Distributed
import Lockstep

@Replicated
distributed actor DistributedVariableQuery {
    private var stock: [String: Int] = [:]

    @Query
    distributed var total: Int {
        // expected-error @-1 {{a replicated actor cannot have a 'distributed var'; write '@Query distributed func total()'}}
        get throws { stock.values.reduce(0, +) }
    }
}
