#if Verbs
    import CLockstep

    /// An opened port of an RDMA device, with the memory that this node pushes from.
    ///
    /// Queue pairs that send are in one protection domain, with the node's own region, which so is registered once. Queue pairs
    /// that receive are in a domain of their peer's, with its mirror and nothing else: so only that peer can write it.
    package final class VerbsPort: Sendable {
        package let choice: RDMAChoice
        let settings: VerbsSettings
        let own: SharedMemoryRegion
        let attributes: lockstep_verbs_port
        let device: VerbsHandle
        let domain: VerbsHandle
        /// The key of the node's own region.
        let ownKey: UInt32
        private let ownMemory: VerbsHandle
        package let doorman: VerbsDoorman
        let counters = VerbsCounters()

        /// What this node has asked of the device so far.
        package var counts: VerbsCounts { counters.counts }

        /// Opens a port for the node that has the region `own`, all of which becomes present.
        package init(
            _ choice: RDMAChoice, own: SharedMemoryRegion, settings: VerbsSettings = VerbsSettings()
        ) throws(FabricError) {
            self.choice = choice
            self.own = own
            self.settings = settings
            device = try VerbsHandle.device(choice.port.device)
            var attributes = lockstep_verbs_port()
            let result = lockstep_verbs_query(device.pointer, UInt8(choice.port.number), &attributes)
            guard result == 0 else {
                throw .system(
                    "The RDMA port \(choice.port.device):\(choice.port.number) cannot be asked what it is", -result,
                    mend: "Load the device's driver again, or use another port."
                )
            }
            guard attributes.is_unordered == 0 else {
                throw FabricError(
                    "\(choice.port.device) places writes in any order (iWARP). Use RoCE v2, InfiniBand or TCP."
                )
            }
            self.attributes = attributes
            domain = try VerbsHandle.domain(on: device)
            let registered = try VerbsHandle.memory(own.region, of: own, in: domain, isWritable: false)
            ownMemory = registered.handle
            ownKey = registered.keys.local
            doorman = try VerbsDoorman(device, own: own)
        }

        deinit { doorman.end() }
    }
#endif
