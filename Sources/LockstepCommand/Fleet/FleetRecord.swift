import LockstepTesting

/// A call of a client of a fleet, and what it was answered.
struct FleetRecord {
    var call: FleetCall
    var client: Int
    /// By the monotonic clock.
    var began: UInt64
    /// One, if the caller has it; of what is to be heard, any number.
    var answers: [(answer: FleetAnswer, time: UInt64)] = []

    /// What may have happened besides, though nobody called it.
    ///
    /// - Parameter isOut: True if the others have gone on without this client, so that what it had was taken from it.
    func consequences(isOut: Bool) -> [FleetRecord] {
        switch call.action {
        case .acquire where isOut: [unanswered(.release, call.argument)]
        case .take where isOut: answers.map { unanswered(.giveBack, $0.answer.output) }
        // If it has lost the item before it was done, that comes back.
        case .finish where answers.isEmpty: [unanswered(.giveBack, call.argument)]
        default: []
        }
    }

    /// True if the client has something since it was answered.
    var givesSomething: Bool { !answers.isEmpty && (call.action == .acquire || call.action == .take) }

    private func unanswered(_ action: FleetCall.Action, _ argument: UInt64) -> FleetRecord {
        let call = FleetCall(part: call.part, action: action, name: call.name, argument: argument)
        return FleetRecord(call: call, client: client, began: began)
    }

    // MARK: - As operations of models

    /// When it was answered; nil if nobody knows what became of it.
    var ended: UInt64? { answers.first.map { max(began, $0.time) } }

    private func operation<Input, Output>(
        _ input: Input, _ output: (FleetAnswer) -> Output
    ) -> Operation<Input, Output> {
        Operation(input, answers.first.map { output($0.answer) }, at: began...(ended ?? began))
    }

    var ofLock: Operation<LockModel.Input, UInt64>? {
        switch call.action {
        case .acquire: operation(.acquire(client), \.output)
        case .release: operation(.release(client), \.output)
        default: nil
        }
    }

    var ofSemaphore: Operation<SemaphoreModel.Input, UInt64>? {
        switch call.action {
        case .acquire: operation(.acquire(client, permits: Int(clamping: call.argument)), \.output)
        case .release: operation(.release(client), \.output)
        default: nil
        }
    }

    var ofLatch: Operation<LatchModel.Input, Int>? {
        switch call.action {
        case .countDown: operation(.countDown) { Int(clamping: $0.output) }
        case .wait: operation(.wait) { Int(clamping: $0.output) }
        default: nil
        }
    }

    var ofCounter: Operation<Int, Int>? {
        call.action == .add ? operation(1) { Int(clamping: $0.output) } : nil
    }

    var ofValue: Operation<VersionedModel.Input, VersionedModel.Output>? {
        let key = "\(call.argument)"
        return switch call.action {
        case .get: operation(.get(key)) { VersionedModel.Output(value: $0.output, version: $0.version) }
        case .put, .replace:
            operation(.put(key, call.value, replacing: call.action == .replace ? call.version : nil)) {
                VersionedModel.Output(value: call.value, version: $0.output == 0 ? nil : $0.output)
            }
        default: nil
        }
    }

    var ofItem: Operation<ItemModel.Input, UInt64>? {
        switch call.action {
        case .offer: operation(ItemModel.Input(.add, call.argument), \.output)
        // What was taken is told by the answer. Without one, nobody has seen anything of it.
        case .take: answers.first.map { operation(ItemModel.Input(.take(client), $0.answer.output), \.output) }
        case .finish: operation(ItemModel.Input(.finish(client), call.argument), \.output)
        case .giveBack: operation(ItemModel.Input(.giveBack(client), call.argument), \.output)
        default: nil
        }
    }
}

/// What the clients of a fleet cannot have seen.
struct FleetFlaw: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
