import Glibc

/// Whether a control group rations the processor time of this process.
///
/// Under a quota, time spent waiting is missing later: the kernel stops all threads of the group for the rest of the
/// period. So nobody spins under one.
enum ProcessorQuota {
    /// What cannot be read counts as no quota.
    static var exists: Bool {
        guard let memberships = text(of: "/proc/self/cgroup") else { return false }
        return files(for: memberships).contains { file in text(of: file).map(isLimit) ?? false }
    }

    /// The files with the quotas of the groups that `/proc/self/cgroup` tells, and of the groups around them.
    static func files(for memberships: String) -> [String] {
        memberships.split(separator: "\n").flatMap { line -> [String] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let groups = groupsOutwards(from: fields[2])
            return hierarchies(of: fields[1]).flatMap { hierarchy in
                groups.map { "/sys/fs/cgroup\(hierarchy.folder)\($0)/\(hierarchy.file)" }
            }
        }
    }

    /// Whether the text of such a file sets a limit: `50000 100000` does in version 2, `50000` in version 1;
    /// `max 100000` and `-1` do not.
    static func isLimit(_ text: String) -> Bool {
        let words = text.split { $0.isWhitespace }
        guard let quota = words.first.flatMap({ Int64($0) }) else { return false }
        return quota > 0
    }

    /// Where the quotas of a hierarchy are mounted, by its controllers; version 2 names none.
    private static func hierarchies(of controllers: Substring) -> [(folder: String, file: String)] {
        if controllers.isEmpty { return [("", "cpu.max"), ("/unified", "cpu.max")] }
        guard controllers.split(separator: ",").contains("cpu") else { return [] }
        return Set(["/cpu", "/\(controllers)"]).sorted().map { ($0, "cpu.cfs_quota_us") }
    }

    /// `/a/b`, `/a` and the root, which inside a container is the container's own group.
    private static func groupsOutwards(from path: Substring) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).reversed().map { count in names.prefix(count).map { "/\($0)" }.joined() }
    }

    /// The beginning of a small file of the kernel's.
    private static func text(of path: String) -> String? {
        let sizeMax = 16 * 1024
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: sizeMax)
        let length = read(file, &bytes, bytes.count)
        return length >= 0 ? String(decoding: bytes.prefix(length), as: UTF8.self) : nil
    }
}
