import LockstepFabric
import Synchronization

/// A node's RDMA device, which memory of peers is made with. It is opened when the first peer needs it, since all of the
/// node's memory is locked from then on.
final class RDMADevice: Sendable {
    let choice: RDMAChoice
    /// What others are told of it.
    let reach: RDMAReach
    private let own: SharedMemoryRegion
    private let settings: VerbsSettings

    #if Verbs
        private let port = Mutex<VerbsPort?>(nil)
    #endif

    init(_ choice: RDMAChoice, own: SharedMemoryRegion, settings: VerbsSettings) {
        self.choice = choice
        reach = RDMAReach(choice)
        self.own = own
        self.settings = settings
    }

    /// What the node has asked of it; nil until it is opened.
    var counts: VerbsCounts? {
        #if Verbs
            port.withLock { $0?.counts }
        #else
            nil
        #endif
    }

    #if Verbs
        /// Opens it, unless it is open. On a thread of its own the device's announcements become wake-ups, until nobody holds
        /// the port any more.
        @discardableResult
        func open() throws(FabricError) -> VerbsPort {
            try port.withLock { port throws(FabricError) in
                if let port { return port }
                let opened = try VerbsPort(choice, own: own, settings: settings)
                do {
                    let doorman = opened.doorman
                    _ = try BlockingThread(name: "lockstep-rdma") { doorman.serve() }
                } catch {
                    throw FabricError("\(error)")
                }
                port = opened
                return opened
            }
        }

        /// Makes what a peer with a region of that size, and so many pollers, is connected with.
        func memory(size: Int, pollers: Int) throws(FabricError) -> any AgreedMemory {
            try VerbsMemory(on: open(), size: size, pollers: pollers)
        }
    #else
        func open() throws(FabricError) { throw RDMAUse.isNotBuilt }

        func memory(size: Int, pollers: Int) throws(FabricError) -> any AgreedMemory { throw RDMAUse.isNotBuilt }
    #endif
}

/// What a node does with RDMA.
enum RDMAUse: Sendable {
    /// Nothing, and why.
    case never(because: String)
    /// As far as it leads. Where it does not, TCP does as well.
    case preferred(RDMADevice)
    /// Nothing else will do.
    case required(RDMADevice)

    static let isNotBuilt = FabricError(
        "This program was built without the trait Verbs of Lockstep. Build it with that, or choose another fabric.",
        isConfiguration: true
    )

    static let byName = RDMAUse.never(because: "it is asked for by name")

    var device: RDMADevice? {
        switch self {
        case .never: nil
        case .preferred(let device), .required(let device): device
        }
    }

    var isRequired: Bool { if case .required = self { true } else { false } }

    /// Why no RDMA leads to a node; nil if it should.
    func obstacle(to node: MeshNode) -> String? {
        switch self {
        case .never(let reason): return reason
        case .preferred(let device), .required(let device):
            guard let reach = node.traits.rdma else {
                return "the node \"\(node.name)\" offers no RDMA, and this one has \(device.choice.port.device)"
            }
            return device.reach.obstacle(to: reach).map { "no RDMA leads to the node \"\(node.name)\": \($0)" }
        }
    }
}

extension RDMAUse {
    /// What a configuration asks for, with the devices of this host.
    ///
    /// - Throws: If a device is asked for by name and cannot be used.
    init(_ configuration: NodeConfiguration, own: SharedMemoryRegion) throws(FabricError) {
        let settings = VerbsSettings(givingUpAfter: configuration.failureTimeout)
        let host = configuration.listen?.host
        switch configuration.fabric {
        case .sharedMemory, .tcp:
            self = .byName
        case .verbs(let device, let port, _):
            let choice = try RDMAChoice(among: RDMAPort.all(), device: device, port: port, reachedAt: host)
            let device = RDMADevice(choice, own: own, settings: settings)
            // What is wrong with it is to be known before anybody waits for this node.
            try device.open()
            self = .required(device)
        case .auto:
            #if Verbs
                let ports = RDMAPort.all()
                do {
                    self = .preferred(
                        RDMADevice(try RDMAChoice(among: ports, reachedAt: host), own: own, settings: settings))
                } catch {
                    self = .never(because: ports.isEmpty ? "this host has no RDMA device" : error.description)
                }
            #else
                self = .never(because: "this program was built without the trait Verbs")
            #endif
        }
    }
}
