import LockstepFabric
import Testing

@Suite("A value that belongs to one thread")
struct ThreadBoundTests {
    private final class Witness {
        let onEnd: () -> Void
        init(_ onEnd: @escaping () -> Void) { self.onEnd = onEnd }
        deinit { onEnd() }
    }

    @Test("is read and changed in place")
    func changes() {
        let list = ThreadBound([1, 2])
        list.value.append(3)
        list.value[0] += list.value[1]
        #expect(list.value == [3, 2, 3])
    }

    @Test("may be read while it is read")
    func reads() {
        let list = ThreadBound([1, 2])
        let sums = list.value.map { $0 + list.value.count }
        #expect(sums == [3, 4])
    }

    @Test("ends with its owner")
    func ends() {
        var ends = 0
        do {
            let owner = ThreadBound(Witness { ends += 1 })
            withExtendedLifetime(owner) {}
        }
        #expect(ends == 1)
    }
}
