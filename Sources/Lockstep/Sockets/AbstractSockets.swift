import Glibc

/// What follows a prefix in the names of the abstract sockets of this network namespace. Connections have the name of the
/// socket that they came to.
func abstractSocketNames(after prefix: String) -> Set<String> {
    // Of thousands of sockets few are wanted, so the others are not made strings.
    let prefix = Array("@\(prefix)".utf8)
    var names: Set<String> = []
    for line in bytes(of: "/proc/net/unix").split(separator: UInt8(ascii: "\n")) {
        guard let space = line.lastIndex(of: UInt8(ascii: " ")) else { continue }
        let name = line[(space + 1)...]
        if name.starts(with: prefix) { names.insert(String(decoding: name.dropFirst(prefix.count), as: UTF8.self)) }
    }
    return names
}

private func bytes(of path: String) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(file, &part, part.count), count > 0 { bytes += part.prefix(count) }
    return bytes
}
