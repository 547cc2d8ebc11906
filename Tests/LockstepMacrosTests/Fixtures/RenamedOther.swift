import Distributed
import Lockstep

@Wire
struct RenamedOther: Codable {
    @Renamed(from: "cost") var price = 1
    // expected-error @-1 {{'@Renamed' can only mark a distributed method or a replicated property of a '@Replicated distributed actor'; remove it, or name the fields of a struct in its 'CodingKeys'}}
    // expected-note @-2 {{remove '@Renamed(from: "cost")'}} {{5-28=}}
}
