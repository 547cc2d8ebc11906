import Glibc

/// A file with a key that only its owner can read.
struct KeyFile {
    let path: String
    /// How many bytes it may have.
    let sizes: ClosedRange<Int>

    /// The key, all of the file.
    func read() throws(LockstepError) -> [UInt8] {
        guard let bytes = try readIfThere() else {
            throw problem(
                "is not there. Make one with `(umask 077; head -c 32 /dev/urandom > \(path))`, and give it to all nodes."
            )
        }
        return bytes
    }

    /// Nil if there is no such file.
    func readIfThere() throws(LockstepError) -> [UInt8]? {
        // Without waiting for anybody who may write, if it is a pipe.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw failed("opened")
        }
        let file = Descriptor(owning: number)
        return try withExtendedLifetime(file) { () throws(LockstepError) in
            try check(number)
            var bytes = [UInt8](repeating: 0, count: sizes.upperBound + 1)
            let count = Glibc.read(number, &bytes, bytes.count)
            guard count >= 0 else { throw failed("read") }
            guard sizes.contains(count) else { throw wrongSize }
            return Array(bytes.prefix(count))
        }
    }

    private func check(_ number: Int32) throws(LockstepError) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw failed("examined") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem("is not a file: name one.") }
        guard [0, geteuid()].contains(status.st_uid) else {
            throw problem(
                "belongs to user \(status.st_uid), who knows it, and this process to user \(geteuid()): take another.")
        }
        guard status.st_mode & (S_IRWXG | S_IRWXO) == 0 else {
            throw problem(
                "may be read or written by others than its owner. Say `chmod 600 \(path)` or, if somebody may have done so "
                    + "already, put another key there and restart all nodes.")
        }
    }

    // MARK: - What is wrong with it

    private var wrongSize: LockstepError {
        let size = sizes.count == 1 ? "\(sizes.lowerBound)" : "\(sizes.lowerBound) to \(sizes.upperBound)"
        return problem("does not have \(size) bytes, as a key has. Put another there, and restart all nodes.")
    }

    /// What a system call said.
    func failed(_ what: String) -> LockstepError {
        problem("cannot be \(what): \(String(cString: strerror(errno))). \(Self.otherWay)")
    }

    func problem(_ sentence: String) -> LockstepError {
        LockstepError(.invalidConfiguration, "The cluster's key \(path) \(sentence)")
    }

    static let otherWay =
        "Name a folder that this user may write in XDG_STATE_HOME, or give all nodes a key in `NodeConfiguration.key`."
}
