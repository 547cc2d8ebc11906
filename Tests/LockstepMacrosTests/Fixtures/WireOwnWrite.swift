import Lockstep

@Wire
struct WireOwnWrite: Codable {
    var count = 1

    func write(to writer: inout WireWriter) throws {}
    // expected-error @-1 {{'@Wire' adds 'write(to:)' to the type; remove or rename this one}}
}
