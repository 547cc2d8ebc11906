import Lockstep

@Wire @Wire
// expected-error @-1 {{'@Wire' is a second mark of its kind; remove it}}
// expected-note @-2 {{remove '@Wire'}} {{7-12=}}
struct WireTwice: Codable {
    var number = 1
}
