#if DEBUG
    import Logging

    /// Which queries are checked for changes of the state.
    ///
    /// A check hashes the state twice, which takes long for a large one. So each method is checked the first times, and
    /// then now and then; the choice is no matter of chance or time, so that a test finds the same each time it runs.
    struct QueryCheck {
        private static let firstTimes = 64
        private static let oneIn = 16
        /// By the number of the method.
        private var counts: [UInt32: Int] = [:]

        /// True if this call of a method is to be checked.
        mutating func isDue(_ method: UInt32) -> Bool {
            let count = counts[method, default: 0]
            counts[method] = count + 1
            return count < Self.firstTimes || count % Self.oneIn == 0
        }
    }

    extension ActorReplica {
        /// Runs a query, and refuses its result if it has changed the state of this replica, which the others do not
        /// know of.
        func check(
            _ query: OutgoingQuery, _ header: CallHeader, _ payload: UnsafeRawBufferPointer, on actor: isolated Actor
        ) {
            let before = Self.hash(of: actor)
            let outcome = PendingReply()
            execute(header, payload, outcome, on: actor)
            if Self.hash(of: actor) == before { return query.reply.answer(like: outcome) }
            let error = changedState(header.method, .query, of: actor.id)
            logger.error("\(error.message)")
            query.reply.fail(error)
        }

        /// A method that runs on one replica alone has changed what must be equal on all.
        func changedState(_ method: UInt32, _ kind: ActorSchema.Method.Kind, of group: GroupID) -> LockstepError {
            let (name, mark) = kind == .direct ? ("direct method", "@Direct") : ("query", "@Query")
            return LockstepError(
                .queryChangedState,
                """
                The \(name) "\(Self.name(of: method))" of the group "\(group)" changed the state of this \
                node's replica, which now differs from the others. Remove \(mark), or change nothing in it but \
                what is @Local.
                """
            )
        }
    }
#endif
