import Foundation

@testable import LockstepFabric

/// A host of its own, with one RDMA device: the test rig has several in one kernel.
struct VerbsHost {
    static let choices: [RDMAChoice] = RDMAPort.all().compactMap { try? RDMAChoice($0) }

    static var hasTwo: Bool {
        #if Verbs
            choices.count > 1
        #else
            false
        #endif
    }
}

#if Verbs
    extension VerbsHost {
        /// The devices, each as if it were another port.
        static func choices(changing change: (inout RDMAPort) -> Void) throws -> [RDMAChoice] {
            try choices.map { choice in
                var port = choice.port
                change(&port)
                return try RDMAChoice(port)
            }
        }

        /// Opens a device, and serves its announcements until nobody holds it.
        static func open(
            _ index: Int, _ own: SharedMemoryRegion, _ settings: VerbsSettings = VerbsSettings(),
            _ choices: [RDMAChoice] = choices
        ) throws -> VerbsPort {
            let port = try VerbsPort(choices[index], own: own, settings: settings)
            let doorman = port.doorman
            Thread.detachNewThread { doorman.serve() }
            return port
        }

        /// The memory of each of two nodes, as the other sees it.
        static func pair(
            _ first: SharedMemoryRegion, _ second: SharedMemoryRegion, _ settings: VerbsSettings = VerbsSettings(),
            _ choices: [RDMAChoice] = choices
        ) throws -> [VerbsMemory] {
            let ports = try [open(0, first, settings, choices), open(1, second, settings, choices)]
            // Each host has the mirror of the other's region.
            let memories = try [
                VerbsMemory(on: ports[1], size: regionSize, pollers: first.pollers),
                VerbsMemory(on: ports[0], size: regionSize, pollers: second.pollers),
            ]
            let endpoints = try memories.map { try VerbsEndpoint($0.endpoint.bytes) }
            try memories[0].connect(to: endpoints[1])
            try memories[1].connect(to: endpoints[0])
            return memories
        }

        /// What the kernel says is in use of all devices.
        static func resources() throws -> String {
            let output = Pipe()
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["rdma", "resource", "show"]
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }
    }
#else
    extension VerbsHost {
        static func pair(_ first: SharedMemoryRegion, _ second: SharedMemoryRegion) throws -> [any PeerMemory] {
            throw FabricError("This build knows nothing of RDMA.")
        }
    }
#endif
