import Lockstep

@Wire
// expected-error @-1 {{'@Wire' can only mark a struct or an enum; remove it}}
// expected-note @-2 {{remove '@Wire'}} {{1-6=}}
final class WireClass: Codable {
    var count = 1
}
