import Lockstep

@Wire
struct WireOwnDecoding: Codable {
    var count = 1

    init(from decoder: any Decoder) throws {}
    // expected-error @-1 {{'@Wire' writes what a synthesized 'Codable' would, and 'init(from:)' may not; remove it or '@Wire'}}
}
