import Synchronization

/// Wakes a parked thread of the fabric from any other of its own process.
package struct FabricWaker: Sendable {
    let parked: FutexWord
    let word: FutexWord
    /// Keeps the words mapped.
    let region: SharedMemoryRegion

    /// To be called after the work that the thread shall find is where it looks for it.
    package func wake() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard parked.value != 0 else { return }
        word.raise()
        word.wake()
    }
}
