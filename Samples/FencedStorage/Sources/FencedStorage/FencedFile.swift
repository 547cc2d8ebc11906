import Glibc
import LockstepCoordination

/// A storage outside of the cluster: a file of lines, each with the token under which it was written.
///
/// It knows nothing of the cluster, and refuses what is older than the newest that it has seen.
struct FencedFile {
    /// A write under a token that is not the newest any more.
    struct Refusal: Error, CustomStringConvertible {
        let token: FencingToken
        let newest: FencingToken

        var description: String { "token \(token) is too old: \(newest) has written" }
    }

    private let path: String
    private let checksTokens: Bool

    init(at path: String, checksTokens: Bool) {
        (self.path, self.checksTokens) = (path, checksTokens)
    }

    /// Appends a line, unless somebody has written under a newer token.
    func append(_ text: String, token: FencingToken) throws {
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SampleError("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        // The check and the write are one step: that is all that a storage has to do.
        flock(file, LOCK_EX)
        if checksTokens, let newest = try tokens().max(), token < newest {
            throw Refusal(token: token, newest: newest)
        }
        let line = Array("\(token) \(text)\n".utf8)
        guard write(file, line, line.count) == line.count else { throw SampleError("\(path) is full") }
    }

    /// The tokens of all lines, in their order.
    func tokens() throws -> [FencingToken] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var tokens: [FencingToken] = []
        var buffer = [CChar](repeating: 0, count: 256)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard let value = line.split(separator: " ").first.flatMap({ UInt64($0) }) else {
                throw SampleError("\(path) has a line without a token: \(line)")
            }
            tokens.append(FencingToken(value: value))
        }
        return tokens
    }
}
