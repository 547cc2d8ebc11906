import Glibc

/// Memory of many megabytes that is about to be filled for the first time: the kernel is asked to back it with large pages,
/// since most of the time would go by in its faults otherwise. It need not.
package enum LargeMemory {
    private static let least = 4 << 20
    private static let pageSize = 4096

    package static func prepare(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count >= least, let start = memory.baseAddress else { return }
        let first = UnsafeMutableRawPointer(
            bitPattern: (UInt(bitPattern: start) + UInt(pageSize) - 1) & ~UInt(pageSize - 1))
        madvise(first, memory.count - 2 * pageSize, MADV_HUGEPAGE)
    }
}
