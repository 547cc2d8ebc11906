import Lockstep

@propertyWrapper
struct Clamped: Codable {
    var wrappedValue: Int
}

@Wire
struct WireWrapper: Codable {
    @Clamped var count: Int
    // expected-error @-1 {{'@Wire' cannot see what a property wrapper stores; remove '@Clamped' or '@Wire'}}
    // expected-note @-2 {{remove '@Clamped'}} {{5-14=}}
}
