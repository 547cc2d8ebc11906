import Glibc
import Testing

@testable import Lockstep

@Suite("A set of descriptors of which some are ready")
struct ReadySetTests {
    /// A pipe and what one waits for at its end.
    private final class Pipe {
        let wake: PollWake
        let watched: ReadySet.Watched?

        init() throws {
            wake = try PollWake()
            watched = ReadySet.Watched(pollfd(reading: wake.reader))
        }

        deinit { wake.close() }
    }

    /// A moment that has passed: who waits until then only looks.
    private let now: Int64 = 0

    @Test func namesThoseThatHaveSomething() throws {
        let set = try ReadySet()
        let (first, second) = (try Pipe(), try Pipe())
        #expect(set.watch(first.watched, as: 1) && set.watch(second.watched, as: 2))
        #expect(set.wait(until: now).isEmpty)
        second.wake.wake()
        #expect(set.wait(until: now) == [2])
        first.wake.wake()
        #expect(Set(set.wait(until: nil)) == [1, 2])
        second.wake.clear()
        #expect(set.wait(until: nil) == [1])
    }

    @Test func forgetsThoseOfWhichNothingIsWanted() throws {
        let set = try ReadySet()
        let (first, second) = (try Pipe(), try Pipe())
        first.wake.wake()
        second.wake.wake()
        #expect(set.watch(first.watched, as: 1))
        #expect(set.watch(second.watched, as: 1))
        second.wake.clear()
        #expect(set.wait(until: now).isEmpty)
        #expect(set.watch(nil, as: 1))
        second.wake.wake()
        #expect(set.wait(until: now).isEmpty)
    }

    @Test func waitsForOtherThingsOfOneDescriptor() throws {
        let set = try ReadySet()
        var ends = [Int32](repeating: 0, count: 2)
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let reading = pollfd(reading: ends[0])
        var both = reading
        both.events |= Int16(POLLOUT)
        #expect(set.watch(.init(reading), as: 7))
        #expect(set.wait(until: now).isEmpty)
        #expect(set.watch(.init(both), as: 7))
        #expect(set.wait(until: now) == [7])
        #expect(set.watch(.init(reading), as: 7))
        #expect(set.wait(until: now).isEmpty)
    }

    @Test func aClosedNumberIsNotAdded() throws {
        let set = try ReadySet()
        #expect(ReadySet.Watched(pollfd(reading: -1)) == nil)
        #expect(!set.watch(.init(pollfd(reading: 1_000_000)), as: 1))
    }
}
