import Lockstep

@Wire
enum WireOwnRead: Codable {
    case only

    init(wire reader: inout WireReader) throws { self = .only }
    // expected-error @-1 {{'@Wire' adds 'init(wire:)' to the type; remove or rename this one}}
}
