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
            let error = LockstepError(
                .queryChangedState,
                """
                The query "\(Self.name(of: header.method))" of the group "\(actor.id)" changed the state of this \
                node's replica, which now differs from the others. Remove @Query, or change nothing in it but \
                what is @Local.
                """
            )
            logger.error("\(error.message)")
            query.reply.fail(error)
        }
    }
#endif
