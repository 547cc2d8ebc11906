/// Time that passes only from one event to the next.
///
/// Events at one time run in the order in which they were scheduled, so a run depends on nothing but its
/// seed.
package final class VirtualClock {
    /// Nanoseconds since the start.
    private(set) package var now: Int64 = 0
    /// How many events have run.
    private(set) package var eventCount = 0
    private var scheduledCount = 0
    private var events = EventHeap()

    package init() {}

    package func schedule(at time: Int64, _ action: @escaping () -> Void) {
        precondition(time >= now, "nothing can be scheduled in the past")
        events.insert(Event(time: time, number: scheduledCount, action: action))
        scheduledCount += 1
    }

    package func schedule(after delay: Int, _ action: @escaping () -> Void) {
        schedule(at: now + Int64(delay), action)
    }

    /// Runs the next event; false if there is none: everything rests.
    package func runNext() -> Bool {
        guard let event = events.removeFirst() else { return false }
        now = event.time
        eventCount += 1
        event.action()
        return true
    }

    /// Forgets what is scheduled, and with it what the actions hold.
    package func stop() { events = EventHeap() }
}

struct Event {
    let time: Int64
    let number: Int
    let action: () -> Void

    static func precedes(_ left: Event, _ right: Event) -> Bool {
        left.time != right.time ? left.time < right.time : left.number < right.number
    }
}

/// A binary heap of events, the earliest first.
struct EventHeap {
    private var events: [Event] = []

    mutating func insert(_ event: Event) {
        events.append(event)
        var child = events.count - 1
        while child > 0, Event.precedes(events[child], events[(child - 1) / 2]) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Event? {
        guard let first = events.first, let last = events.popLast() else { return nil }
        guard !events.isEmpty else { return first }
        events[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while let child = earlierChild(of: parent), Event.precedes(events[child], events[parent]) {
            events.swapAt(child, parent)
            parent = child
        }
    }

    private func earlierChild(of parent: Int) -> Int? {
        let (left, right) = (2 * parent + 1, 2 * parent + 2)
        guard left < events.count else { return nil }
        return right < events.count && Event.precedes(events[right], events[left]) ? right : left
    }
}
