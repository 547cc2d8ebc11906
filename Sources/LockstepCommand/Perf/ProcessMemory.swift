import Glibc

/// The memory of this process, as the kernel counts it.
struct ProcessMemory {
    /// All that is in memory now, code included.
    let residentBytes: UInt64
    /// The part that is not mapped from files: what it has allocated, and the rings that it has touched.
    let ownBytes: UInt64

    /// Reads the lines of `/proc/self/status`.
    init(status: some StringProtocol) {
        var kilobytes: [Substring: UInt64] = [:]
        for line in status.split(separator: "\n") {
            let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
            if words.count == 3, words[2] == "kB" { kilobytes[Substring(words[0])] = UInt64(words[1]) }
        }
        residentBytes = 1024 * (kilobytes["VmRSS"] ?? 0)
        ownBytes = 1024 * ((kilobytes["RssAnon"] ?? 0) + (kilobytes["RssShmem"] ?? 0))
    }

    static var now: ProcessMemory {
        var buffer = [UInt8](repeating: 0, count: 8192)
        guard let file = fopen("/proc/self/status", "r") else { return ProcessMemory(status: "") }
        defer { fclose(file) }
        let count = fread(&buffer, 1, buffer.count, file)
        return ProcessMemory(status: String(decoding: buffer[..<count], as: UTF8.self))
    }
}
