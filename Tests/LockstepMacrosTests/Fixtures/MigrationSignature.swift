import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor MigrationSignature {
    @Migration(to: 2)
    static func centsForEuros(_ euros: [String: Int]) -> [String: Int] { euros }
    // expected-error @-1 {{'@Migration' needs a function that changes what was saved; write 'static func centsForEuros(_ state: inout SavedState) throws'}}
}
