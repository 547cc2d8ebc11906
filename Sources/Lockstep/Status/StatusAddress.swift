import Glibc

/// The address at which a node tells how it stands.
package struct StatusAddress: Hashable {
    package let cluster: String
    package let node: String

    init(cluster: String, node: String) {
        self.cluster = cluster
        self.node = node
    }

    /// An abstract address; the names have no `/` in them.
    var text: String { Self.prefix + "\(cluster)/\(node)" }

    private static var prefix: String { "lockstep-status/\(getuid())/" }

    /// The address in a line of `/proc/net/unix`, nil if it is another's.
    init?(line: Substring) {
        guard let name = line.split(separator: " ").last, name.hasPrefix("@" + Self.prefix) else { return nil }
        let parts = name.dropFirst(1 + Self.prefix.count).split(separator: "/")
        guard parts.count == 2 else { return nil }
        self.init(cluster: String(parts[0]), node: String(parts[1]))
    }

    /// Those of this host and user, by name.
    package static func all() -> [StatusAddress] {
        // Connections have the address, too.
        Set(lines(of: "/proc/net/unix").compactMap { StatusAddress(line: $0) }).sorted { $0.text < $1.text }
    }

    private static func lines(of path: String) -> [Substring] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(file, &part, part.count), count > 0 { bytes += part.prefix(count) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
