import Crypto
import Glibc

/// Tells apart the hosts on which nodes can share memory: processes of one user, on one running kernel and in one network
/// namespace, where they reach each other's local addresses.
struct HostIdentity: Sendable, Hashable {
    /// 0 if it is not known.
    let value: UInt64

    /// Where this process runs.
    static let own = HostIdentity(value: digest() ?? 0)

    /// True if it is known and the same.
    func isShared(with other: HostIdentity) -> Bool { value != 0 && value == other.value }

    private static func digest() -> UInt64? {
        guard let kernel = contents(of: "/proc/sys/kernel/random/boot_id"), let network = networkNamespace() else {
            return nil
        }
        let place = "\(kernel) \(network) \(getuid())"
        return SHA256.hash(data: Array(place.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = fread(&bytes, 1, bytes.count, file)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    private static func networkNamespace() -> UInt64? {
        var status = stat()
        return stat("/proc/self/ns/net", &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
