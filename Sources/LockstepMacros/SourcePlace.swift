/// A line of the user's source.
struct SourcePlace {
    /// The path as a string literal.
    let file: String
    let line: String

    /// Code whose errors the compiler reports at this place instead of in the expansion.
    func reporting(_ code: String) -> [String] {
        ["#sourceLocation(file: \(file), line: \(line))", code, "#sourceLocation()"]
    }
}
