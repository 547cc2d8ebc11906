import LockstepFabric
import Testing

@testable import Lockstep

@Suite("Rendezvous: what the mesh has told")
struct RendezvousControlTests {
    @Test func whoIsGoneAgainIsNotWaitedFor() throws {
        let control = try RendezvousControl()
        let region = SharedMemoryRegion.fresh()
        let mirror = try SharedMemoryMirror(descriptor: region.descriptor, size: SharedMemoryRegion.testSize)
        let node = MeshNode(name: "a", incarnation: 7, process: 1, regionSize: SharedMemoryRegion.testSize)
        control.note(.connected(node, mirror, because: ""))
        #expect(control.connected == [7] && control.failures.isEmpty)
        control.note(.disconnected(7, .died))
        #expect(control.connected.isEmpty && Array(control.failures.keys) == [7])
        control.forgetFailures()
        #expect(control.failures.isEmpty)
        control.wake.close()
    }
}
