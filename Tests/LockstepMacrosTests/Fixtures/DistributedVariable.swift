import Distributed
import Lockstep

@Replicated
distributed actor DistributedVariable {
    private var stock: [String: Int] = [:]

    distributed var total: Int { stock.values.reduce(0, +) }
    // expected-error @-1 {{a replicated actor cannot have a 'distributed var'; write '@Query distributed func total()'}}
    // expected-note @-2 {{make it a query}} {{5-16=@Query distributed}} {{17-20=func}} {{26-27=() ->}}
}
