import Glibc

extension KeyFile {
    /// Where the key of the user of this process is.
    static func ofThisUser() throws(LockstepError) -> KeyFile {
        guard let folder = stateFolder() else {
            throw LockstepError(
                .invalidConfiguration,
                "There is no folder for the cluster's key: neither XDG_STATE_HOME nor HOME is set. \(otherWay)")
        }
        return KeyFile(path: "\(folder)/lockstep/key", sizes: 32...32)
    }

    /// As the XDG Base Directory Specification has it, which says that relative paths are to be ignored.
    private static func stateFolder() -> String? {
        if let folder = variable("XDG_STATE_HOME") { return folder }
        return variable("HOME").map { "\($0)/.local/state" }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// The key, which is made if there is none.
    func readOrMake() throws(LockstepError) -> [UInt8] {
        if let bytes = try readIfThere() { return bytes }
        try make()
        return try read()
    }

    /// Of several nodes that make a key at once, one succeeds, and all read its key: it gets its name when it is whole.
    private func make() throws(LockstepError) {
        guard Self.makeFolder(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))) else {
            throw failed("made")
        }
        let draft = "\(path).\(UInt64.random(in: .min ... .max))"
        let number = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw failed("made") }
        defer { unlink(draft) }
        let file = Descriptor(owning: number)
        try withExtendedLifetime(file) { () throws(LockstepError) in
            let bytes = (0..<sizes.lowerBound).map { _ in UInt8.random(in: .min ... .max) }
            guard write(number, bytes, bytes.count) == bytes.count, fsync(number) == 0 else { throw failed("written") }
        }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failed("made") }
    }

    /// With all folders above it; false leaves the reason in `errno`.
    private static func makeFolder(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return true }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return false }
        return makeFolder(String(path.prefix(upTo: slash))) && (mkdir(path, 0o700) == 0 || errno == EEXIST)
    }
}
