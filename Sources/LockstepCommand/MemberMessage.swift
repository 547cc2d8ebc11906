/// What a member process tells its parent, one line each, among the lines of its log: a mark, a kind, and `name=value`
/// words.
protocol MemberMessage: Equatable {
    /// The first word. No line of a log begins like this.
    static var mark: String { get }

    /// Reads the fields of a kind; nil if there is no such kind.
    init?(_ kind: Substring, _ fields: inout MessageFields)

    /// What the line says behind the mark.
    var content: (kind: String, fields: [(String, UInt64)]) { get }
}

extension MemberMessage {
    /// Reads a line, if it is a message.
    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count > 1, words[0] == Self.mark else { return nil }
        var fields = MessageFields(words.dropFirst(2))
        self.init(words[1], &fields)
        if fields.isIncomplete { return nil }
    }

    /// The line that says this.
    var line: String {
        let (kind, fields) = content
        return "\(Self.mark) \(kind) " + fields.map { "\($0)=\($1)" }.joined(separator: " ")
    }
}
