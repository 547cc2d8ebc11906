import Glibc

/// The names of the abstract sockets of this network namespace.
func abstractSocketNames() -> [Substring] {
    lines(of: "/proc/net/unix").compactMap { line in
        line.split(separator: " ").last.flatMap { $0.hasPrefix("@") ? $0.dropFirst() : nil }
    }
}

private func lines(of path: String) -> [Substring] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(file, &part, part.count), count > 0 { bytes += part.prefix(count) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
}
