#if Verbs
    import CLockstep

    /// Something that the RDMA library has made. It is given back when nobody holds it any more, and holds what it was made
    /// of: so whatever fails half-way, all is given back in the right order.
    ///
    /// `@unchecked Sendable`: the library's objects may be used by several threads.
    final class VerbsHandle: @unchecked Sendable {
        let pointer: OpaquePointer
        private let parts: [AnyObject]
        private let free: @Sendable (OpaquePointer) -> Void

        private init(_ pointer: OpaquePointer, of parts: [AnyObject], free: @escaping @Sendable (OpaquePointer) -> Void)
        {
            self.pointer = pointer
            self.parts = parts
            self.free = free
        }

        deinit { free(pointer) }

        /// - Parameters:
        ///   - what: What fails, for people.
        ///   - make: The call, which fills the pointer or returns an error.
        private static func made(
            _ what: String, mend: String, of parts: [AnyObject], free: @escaping @Sendable (OpaquePointer) -> Void,
            by make: (inout OpaquePointer?) -> Int32
        ) throws(FabricError) -> VerbsHandle {
            var pointer: OpaquePointer?
            let result = make(&pointer)
            guard result == 0, let pointer else { throw .system(what, -result, mend: mend) }
            return VerbsHandle(pointer, of: parts, free: free)
        }
    }

    extension VerbsHandle {
        /// An opened device.
        static func device(_ name: String) throws(FabricError) -> VerbsHandle {
            try made(
                "The RDMA device \(name) cannot be opened",
                mend:
                    "Install rdma-core, and let this process read and write /dev/infiniband; `lockstep doctor` says more.",
                of: [], free: { lockstep_verbs_close($0) }, by: { lockstep_verbs_open(name, &$0) }
            )
        }

        /// A protection domain.
        static func domain(on device: VerbsHandle) throws(FabricError) -> VerbsHandle {
            try made(
                "The RDMA device gives no protection domain", mend: "Another program may have used up its resources.",
                of: [device], free: { lockstep_verbs_free_domain($0) },
                by: { lockstep_verbs_domain(device.pointer, &$0) }
            )
        }

        /// Memory that the device may read or, if `isWritable`, peers may write. `owner` keeps it mapped.
        static func memory(
            _ region: Region, of owner: AnyObject, in domain: VerbsHandle, isWritable: Bool
        ) throws(FabricError) -> (handle: VerbsHandle, keys: lockstep_verbs_keys) {
            var keys = lockstep_verbs_keys()
            let handle = try made(
                "\(region.size) bytes of memory cannot be registered for RDMA",
                mend: "Raise the limit on locked memory (`ulimit -l unlimited`), free memory, or lower `regionBytes`.",
                of: [domain, owner], free: { lockstep_verbs_deregister($0) },
                by: {
                    lockstep_verbs_register(domain.pointer, region.base, region.size, isWritable ? 1 : 0, &$0, &keys)
                }
            )
            return (handle, keys)
        }

        /// Where queues of completions announce that something is in them, and its descriptor.
        static func channel(on device: VerbsHandle) throws(FabricError) -> (handle: VerbsHandle, descriptor: Int32) {
            var descriptor: Int32 = -1
            let handle = try made(
                "The RDMA device gives no completion channel", mend: "Raise the limit on open files of this process.",
                of: [device], free: { lockstep_verbs_free_channel($0) },
                by: { lockstep_verbs_channel(device.pointer, &$0, &descriptor) }
            )
            return (handle, descriptor)
        }

        /// A queue of completions, which is announced at the channel if there is one.
        static func completions(
            _ depth: Int, on device: VerbsHandle, announcedAt channel: VerbsHandle?, tag: Int
        ) throws(FabricError) -> VerbsHandle {
            try made(
                "The RDMA device gives no queue of \(depth) completions",
                mend: "Other programs may have used up its resources.",
                of: channel.map { [device, $0] } ?? [device], free: { lockstep_verbs_free_completions($0) },
                by: { lockstep_verbs_completions(device.pointer, UInt32(depth), channel?.pointer, UInt64(tag), &$0) }
            )
        }

        /// A queue pair whose requests end in `completions`. `request` says what is asked for, and then what is given.
        static func queuePair(
            _ request: inout lockstep_verbs_queue_pair, in domain: VerbsHandle, completions: VerbsHandle
        ) throws(FabricError) -> VerbsHandle {
            var given = request
            defer { request = given }
            return try made(
                "The RDMA device gives no queue pair of \(given.sends) writes",
                mend: "Other programs may have used up its resources.",
                of: [domain, completions], free: { lockstep_verbs_free_queue_pair($0) },
                by: {
                    let result = lockstep_verbs_queue_pair(domain.pointer, completions.pointer, &given)
                    $0 = given.queue_pair
                    return result
                }
            )
        }
    }
#endif
