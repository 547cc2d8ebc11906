import Lockstep

@Wire
struct WireOwnEncoding: Codable {
    var count = 1

    func encode(to encoder: any Encoder) throws {}
    // expected-error @-1 {{'@Wire' writes what a synthesized 'Codable' would, and 'encode(to:)' may not; remove it or '@Wire'}}
}
