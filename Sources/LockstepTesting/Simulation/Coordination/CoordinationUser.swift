import LockstepCoordination
import LockstepProtocol

/// One task: it does one errand after the other until the faults are over, and then a last one.
final class CoordinationUser {
    unowned let caller: CoordinationCaller
    unowned let service: CoordinationService
    let number: Int
    private(set) var isIdle = false
    private var hasDoneLast = false

    init(_ caller: CoordinationCaller) {
        self.caller = caller
        service = caller.service
        number = service.nextUser()
    }

    var now: Int64 { service.now }

    /// What is left at last is done without delay.
    private var longestPause: Int { service.isClosing ? 50 : service.scenario.longestPause }

    /// A number from a range.
    func pick(_ range: ClosedRange<Int>) -> Int { service.world.random.pick(range) }

    /// The next errand, after a while.
    func goOn() {
        service.after(pick(1...longestPause), caller) { [self] in
            guard !service.isClosing else { return finish() }
            run(
                service.scenario.errands[pick(0...service.scenario.errands.count - 1)],
                key: pick(1...service.scenario.keyCount))
        }
    }

    /// What others had, or have given up, must be there to be had.
    private func finish() {
        isIdle = hasDoneLast
        if !hasDoneLast { run(.lock, key: 1) }
        hasDoneLast = true
    }

    private func run(_ errand: CoordinationScenario.Errand, key: Int) {
        switch errand {
        case .lock: hold("lock/\(key)", capacity: 1, weight: 1, label: nil)
        case .election: hold("election/\(key)", capacity: 1, weight: 1, label: "user \(number)")
        case .readWrite:
            let all = 1 << 30
            hold("readWriteLock/\(key)", capacity: all, weight: pick(1...3) == 1 ? all : 1, label: nil)
        case .semaphore: hold("semaphore/\(key)", capacity: 3, weight: pick(1...3), label: nil)
        case .barrier: meet("barrier/\(key)")
        case .doubleBarrier: meetTwice("doubleBarrier/\(key)")
        case .latch: pick(1...2) == 1 ? count("latch/\(key)") : attend("latch/\(key)", count: pick(1...4))
        case .queue: pick(1...2) == 1 ? offer("queue/\(key)") : take("queue/\(key)")
        case .counter: add("counter/\(key)")
        case .register: pick(1...2) == 1 ? get("\(key)", "register") : put("\(key)", "register")
        case .map: pick(1...2) == 1 ? get("\(pick(1...3))", "map/\(key)") : put("\(pick(1...3))", "map/\(key)")
        case .topic: say("topic/\(key)")
        }
    }

    // MARK: - What is held

    private func hold(_ key: String, capacity: Int, weight: Int, label: String?) {
        let began = now
        let asked = service.flaw == .twoHolders ? 0 : weight
        caller.turn(
            .enter(key, capacity: capacity, weight: asked, label: label), withdraw: .leave(key),
            patience: service.isClosing ? nil : pick(500...20_000)
        ) { [self] ticket, token in
            guard let token else { return goOn() }
            let hold = CoordinationHold(
                service.nextHold(), key, capacity: capacity, weight: weight, ticket, token: token, of: caller,
                asked: began, acquired: now)
            keep(hold) { [self] in
                caller.giveBack(.leave(key), ticket) { [self] isDone in
                    if isDone { service.holds.noteReleased(hold, at: now) }
                    goOn()
                }
            }
        }
    }

    /// Has something for a while.
    private func keep(_ hold: CoordinationHold, then release: @escaping () -> Void) {
        hold.whenLost = release
        caller.begin(hold)
        service.begin(hold)
        service.after(pick(10...longestPause * 2), caller) { [self] in
            guard hold.endedAt == nil else { return }
            caller.end(hold)
            release()
        }
    }

    // MARK: - Meetings

    private func meet(_ key: String) {
        let began = now
        caller.turn(
            .arrive(key, parties: service.scenario.parties, breaks: service.scenario.breaks), withdraw: .depart(key),
            patience: pick(1_000...30_000)
        ) { [self] ticket, generation in
            if let generation { service.meetings.noteReleased(ticket, key, generation, from: began, to: now) }
            goOn()
        }
    }

    private func meetTwice(_ key: String) {
        let began = now
        caller.turn(
            .begin(key, parties: service.scenario.parties), withdraw: .quit(key), patience: pick(1_000...30_000)
        ) { [self] begun, generation in
            guard let generation else { return goOn() }
            service.meetings.noteReleased(begun, key, generation, from: began, to: now)
            service.after(pick(10...longestPause), caller) { [self] in end(key, begun, generation) }
        }
    }

    private func end(_ key: String, _ begun: TaskTicket, _ generation: UInt64) {
        let began = now
        caller.turn(.end(key, began: begun), withdraw: .quit(key), patience: nil) { [self] _, end in
            if end != nil {
                service.meetings.noteEnd(key, generation, from: began, to: now)
                goOn()
            } else {
                caller.giveBack(.quit(key), begun) { [self] _ in goOn() }
            }
        }
    }

    private func count(_ key: String) {
        service.meetings.noteCounting(key)
        caller.call(.count(key, by: 1), caller.nextTicket()) { [self] outcome in
            if case .answered(.number(let count)) = outcome {
                service.check { try service.meetings.noteCounted(key, count) }
            }
            goOn()
        }
    }

    private func attend(_ key: String, count: Int) {
        caller.turn(.attend(key, count: count), withdraw: .unattend(key), patience: pick(1_000...30_000)) {
            [self] _, version in
            if version != nil { service.check { try service.meetings.noteAttended(key, count: count) } }
            goOn()
        }
    }

    // MARK: - Queues

    private func offer(_ key: String) {
        let item = service.items.offer(key)
        caller.call(.offer(item, to: key), caller.nextTicket()) { [self] outcome in
            if case .answered = outcome { service.items.noteOffered(item) }
            goOn()
        }
    }

    func take(_ key: String) {
        isIdle = false
        caller.turn(.take(from: key), withdraw: .handBack(key), patience: pick(500...10_000)) { [self] ticket, token in
            guard token != nil else { return goOn() }
            let began = now
            caller.ask(.item(key: key, ticket)) { [self] answer in
                guard let item = answer.bytes else {
                    return caller.giveBack(.handBack(key), ticket) { [self] _ in goOn() }
                }
                work(on: item, key, ticket, from: began)
            }
        }
    }

    private func work(on item: [UInt8], _ key: String, _ ticket: TaskTicket, from began: Int64) {
        let hold = CoordinationHold(
            service.nextHold(), service.items.name(of: item), capacity: 1, weight: 1, ticket, token: nil, of: caller,
            asked: began, acquired: now)
        service.check { try service.items.noteTaken(item, from: began) }
        if service.flaw == .earlyFinish { caller.giveBack(.finish(key), ticket) { _ in } }
        keep(hold) { [self] in
            let isLost = hold.isLost || !service.isClosing && pick(1...6) == 1
            if !isLost { service.items.noteFinishing(item) }
            caller.giveBack(isLost ? .handBack(key) : .finish(key), ticket) { [self] isDone in
                if isDone, !isLost { service.items.noteFinished(item, at: now) }
                goOn()
            }
        }
    }

    // MARK: - Values

    private func add(_ key: String) {
        let operation = service.values.beginAdding(to: key, at: now)
        caller.call(.add(1, to: key), caller.nextTicket()) { [self] outcome in
            if case .answered(.number(let sum)) = outcome { service.values.end(operation, sum, at: now) }
            goOn()
        }
    }

    private func get(_ key: String, _ shelf: String) {
        let began = now
        caller.ask(.entry(key: key, shelf: shelf)) { [self] answer in
            service.values.noteRead(shelf, key, answer, from: began, to: now)
            goOn()
        }
    }

    private func put(_ key: String, _ shelf: String) {
        let version = pick(1...3) == 1 ? nil : service.values.versionSeen(shelf, key)
        let (bytes, operation) = service.values.beginPutting(shelf, key, replacing: version, at: now)
        caller.call(.put(bytes, at: key, on: shelf, replacing: version), caller.nextTicket()) { [self] outcome in
            if case .answered(.version(let version)) = outcome { service.values.end(operation, version, at: now) }
            goOn()
        }
    }

    private func say(_ topic: String) {
        let message = service.items.message()
        caller.call(.say(message, on: topic), caller.nextTicket()) { [self] _ in goOn() }
    }
}
