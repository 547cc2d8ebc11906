#if TLS
    import Glibc

    /// One of the files that a node needs for TLS.
    struct PEMFile {
        private static let bytesMax = 1 << 20

        /// What it is, to the reader of an error.
        let what: String
        let path: String
        /// True if only its owner may be able to read it.
        var isSecret = false

        func read() throws(LockstepError) -> [UInt8] {
            // Without waiting for anybody who may write, if it is a pipe.
            let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard number >= 0 else {
                guard errno == ENOENT else { throw failed("opened") }
                throw problem(
                    """
                    is not there. Make a folder for this node with `lockstep certificate node`, and name it in \
                    `.tcp(.tls(.folder("…")))`.
                    """)
            }
            let file = Descriptor(owning: number)
            return try withExtendedLifetime(file) { () throws(LockstepError) in
                var status = stat()
                guard fstat(number, &status) == 0 else { throw failed("examined") }
                guard status.st_mode & S_IFMT == S_IFREG else { throw problem("is not a file: name one.") }
                if isSecret { try check(status) }
                return try readAll(number)
            }
        }

        private func check(_ status: stat) throws(LockstepError) {
            guard [0, geteuid()].contains(status.st_uid) else {
                throw problem(
                    "belongs to user \(status.st_uid), who knows it, and this process to user \(geteuid()): take another."
                )
            }
            guard status.st_mode & (S_IRWXG | S_IRWXO) == 0 else {
                throw problem(
                    """
                    may be read or written by others than its owner. Say `chmod 600 \(path)` or, if somebody may have done \
                    so already, make the node another certificate.
                    """)
            }
        }

        private func readAll(_ number: Int32) throws(LockstepError) -> [UInt8] {
            var all: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 1 << 14)
            while true {
                let count = Glibc.read(number, &part, part.count)
                guard count >= 0 else { throw failed("read") }
                guard count > 0 else { return all }
                all += part.prefix(count)
                guard all.count <= Self.bytesMax else { throw problem("has more than 1 MiB, so it is something else.") }
            }
        }

        private func failed(_ verb: String) -> LockstepError {
            problem("cannot be \(verb): \(String(cString: strerror(errno))). Let user \(geteuid()) read it.")
        }

        func problem(_ sentence: String) -> LockstepError {
            LockstepError(.invalidConfiguration, "\(what) \(path) \(sentence)")
        }
    }
#endif
