import Lockstep

@Wire
struct WireCondition: Codable {
    var count = 1
    #if DEBUG
        // expected-error @-1 {{'@Wire' cannot put an '#if' around what is encoded; move it around the whole type}}
        var checks = 1
    #endif
}
