import Lockstep

@Wire
struct WireGeneric<Key: Codable, Value> {
    // expected-error @-1 {{'@Wire' needs a generic parameter that is 'Codable'; write 'Value: Codable'}}
    // expected-note @-2 {{insert ': Codable'}} {{34-39=Value: Codable}}
    var key: Key
    var value: Value
}
