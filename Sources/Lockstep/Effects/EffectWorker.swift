import Logging

/// Does one thing of an outbox: tries it until it is done or hopeless, and says so in the order of the group.
struct EffectWorker: Sendable {
    /// The group whose updates have left it.
    let group: GroupID
    let queue: SendQueue
    let registry: GroupRegistry
    /// How often an effect outside is tried, nil for ever.
    let attemptsMax: Int?
    let logger: Logger
    /// Does an effect outside.
    let perform: @Sendable (_ effect: [UInt8], EffectID) async throws -> Void

    /// Why trying again is of no use.
    private struct Hopeless: Error {
        let cause: any Error
    }

    func work(on entry: Outbox.Entry, at place: EffectID.Place) async {
        let id = EffectID(group: group, place: place)
        var attempts = 0
        while !Task.isCancelled {
            do {
                try await attempt(entry, id)
                return await report(DoneEffect(place: place, failure: nil))
            } catch let error as Hopeless {
                return await report(DoneEffect(place: place, failure: EffectFailure.reason(of: error.cause)))
            } catch {
                attempts += 1
                if entry.target == nil, attempts == attemptsMax {
                    return await report(DoneEffect(place: place, failure: EffectFailure.reason(of: error)))
                }
                await pause(after: error, attempts, id)
            }
        }
    }

    private func pause(after error: any Error, _ attempts: Int, _ id: EffectID) async {
        guard !Task.isCancelled else { return }
        logger.warning(
            "an effect could not be done, and will be tried again",
            metadata: ["effect": "\(id)", "attempts": "\(attempts)", "error": "\(error)"]
        )
        // From 10 milliseconds to a minute.
        try? await Task.sleep(for: min(.milliseconds(10 << min(attempts - 1, 16)), .seconds(60)))
    }

    private func attempt(_ entry: Outbox.Entry, _ id: EffectID) async throws {
        guard let target = entry.target else { return try await perform(entry.bytes, id) }
        do {
            try await registry.channel(to: target.group, of: target.type).forward(entry.bytes)
        } catch let error as LockstepError where error.mayGoWellLater {
            throw error
        } catch {
            throw Hopeless(cause: error)
        }
    }

    private func report(_ done: DoneEffect) async {
        do {
            let message = try CallArguments.ofDone(done)
            try await queue.send(message, PendingReply(), deadline: .max) { _ in }
        } catch {
            // The group has ended here, or another member does this now: it is done again, and dropped by its identity.
            logger.debug("an effect's end was not told", metadata: ["error": "\(error)"])
        }
    }
}

extension LockstepError {
    /// True if a call was not executed, or perhaps was, for a reason that passes.
    fileprivate var mayGoWellLater: Bool {
        let passing: [Code] = [
            .groupNotHosted, .groupNotActive, .notExecuted, .notYet, .outcomeUnknown, .notMember,
        ]
        return passing.contains(code)
    }
}

/// What the other group's replica says of a forwarded call that has failed.
struct ForwardedFailure: Error, CustomStringConvertible {
    let description: String
}
