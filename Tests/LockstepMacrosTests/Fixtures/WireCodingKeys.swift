import Lockstep

@Wire
enum WireCodingKeys: Codable {
    case open, closed

    enum CodingKeys: String, CodingKey {
        // expected-error @-1 {{'@Wire' names cases as they are declared; remove 'CodingKeys' or '@Wire'}}
        case open = "o"
        case closed = "c"
    }
}
