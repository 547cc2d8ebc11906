import Lockstep

enum Outer {
    @Wire
    private struct WirePrivate: Codable {
        // expected-error @-1 {{a type with '@Wire' inside another declaration cannot be 'private', since its extension could not reach it; write 'fileprivate'}}
        // expected-note @-2 {{replace with 'fileprivate'}} {{5-12=fileprivate}}
        var count = 1
    }
}
