import CAllocations
import Foundation
import Lockstep
import LockstepTesting

/// Counts allocations per message, and fails above a threshold. Numbers are counts, never times.
@main
enum AllocationsCommand {
    static func main() async throws {
        guard AllocationCount.isComplete else {
            print("The allocation functions of this process are not the counted ones: nothing can be said.")
            exit(1)
        }
        let results = try await withCluster(of: 3) { @Sendable nodes in try await Measures.all(on: nodes) }
        print("| case | allocations for each message | threshold |\n| --- | --: | --: |")
        for result in results { print(result.row) }
        exit(results.contains(where: \.isAbove) ? 1 : 0)
    }
}

/// A case with its count.
struct MeasureResult {
    let name: String
    let perMessage: Double
    let threshold: Double

    var isAbove: Bool { perMessage > threshold }

    var row: String {
        "| \(name) | \(String(format: "%.4f", perMessage)) | \(threshold)\(isAbove ? ", **above**" : "") |"
    }
}
