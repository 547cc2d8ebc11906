import Distributed
import Lockstep

@Replicated
distributed actor LazyVariable {
    private lazy var stock: [String: Int] = [:]
    // expected-error @-1 {{a replicated actor cannot have a lazy property, since reading it would change one replica and not the others; give it its value at once}}
    // expected-note @-2 {{remove 'lazy'}} {{13-18=}}
}
