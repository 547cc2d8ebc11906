/// What went wrong, what it means for the call, and how to mend it.
///
/// Errors that a replicated method throws reach the caller as they are; this type is for everything else.
public struct LockstepError: Error, Sendable, CustomStringConvertible {
    /// What kind of error this is. More kinds may come in later releases.
    public let code: Code
    /// Sentences that name the cause and the mend.
    public let message: String
    /// The error behind this one, if there is one.
    public let cause: (any Error)?
    /// The call whose outcome is unknown, for ``Group/outcome(of:)``.
    public internal(set) var callID: CallID?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// What becomes of a call that was sent before this happened.
    static func unknown(after error: LockstepError) -> LockstepError {
        LockstepError(.outcomeUnknown, "The call was sent, and then this happened: \(error.message)", cause: error)
    }

    /// The message, with its code.
    public var description: String { "\(code): \(message)" }

    /// A kind of error.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, as in the source.
        public let description: String

        init(_ name: String) { description = name }

        /// A setting is out of its bounds, or the cluster's key or a certificate cannot be had or does not fit the others'.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// This host lacks what Lockstep needs: a newer kernel, memory or descriptors.
        public static let unsupportedHost = Code("unsupportedHost")
        /// Another node of the cluster has this name.
        public static let nameTaken = Code("nameTaken")
        /// The nodes run different releases, or were configured differently.
        public static let incompatible = Code("incompatible")
        /// Not all the expected nodes were found in time.
        public static let joinTimedOut = Code("joinTimedOut")
        /// What was waited for did not happen before the deadline.
        public static let timedOut = Code("timedOut")
        /// The rendezvous refused or lost this node for another reason.
        public static let rendezvousFailed = Code("rendezvousFailed")
        /// This node does not host the group.
        public static let groupNotHosted = Code("groupNotHosted")
        /// This node hosts the group already.
        public static let groupHostedTwice = Code("groupHostedTwice")
        /// Not every member hosts the group yet. The call was not executed.
        public static let groupNotActive = Code("groupNotActive")
        /// The view has too few nodes for the group's layout, or its layout is not known. The call was not executed.
        public static let groupSuspended = Code("groupSuspended")
        /// This node hosts the group as a spare, or the member that was called has no replica of it in this view. The call
        /// was not executed.
        public static let notReplica = Code("notReplica")
        /// Members give a group different layouts.
        public static let layoutMismatch = Code("layoutMismatch")
        /// This member hosts the group without a ring of its own, so it cannot send. The call was not executed.
        public static let notSender = Code("notSender")
        /// Members host the group with actors whose methods differ.
        public static let schemaMismatch = Code("schemaMismatch")
        /// The arguments do not fit into the ring. The call was not executed.
        public static let messageTooLarge = Code("messageTooLarge")
        /// An argument could not be encoded, and the call was not executed; or a replica's state could not be.
        public static let encodingFailed = Code("encodingFailed")
        /// The arguments could not be decoded at the replicas, on none of them, and the call was not executed; or a
        /// snapshot of a replica could not be.
        public static let decodingFailed = Code("decodingFailed")
        /// The call did not get into the order or to its member, or the query was not answered, before its deadline. It
        /// changed nothing.
        public static let notExecuted = Code("notExecuted")
        /// A query changed the state of the replica that it ran on, which differs from the others since. It is noticed
        /// in debug builds only.
        public static let queryChangedState = Code("queryChangedState")
        /// A member that was asked, alone or with the others, did not answer in time, or cannot. What was called may have
        /// run there.
        public static let noAnswer = Code("noAnswer")
        /// What a method threw on another member, or on this one when all were asked or it alone; the message has its description.
        public static let methodThrew = Code("methodThrew")
        /// Some member runs a release that does not have the method. The call was not executed.
        public static let notYet = Code("notYet")
        /// The call may have been executed, or may be later: it was sent and its result did not come back.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// The session of a client with the group has ended: the group did not hear of it for too long. The call was not
        /// executed.
        public static let sessionExpired = Code("sessionExpired")
        /// The group has as many sessions of clients as it can keep.
        public static let tooManyClients = Code("tooManyClients")
        /// The client is closed. The call was not executed.
        public static let clientClosed = Code("clientClosed")
        /// The other members have gone on without this node. The call was not executed.
        public static let excluded = Code("excluded")
        /// Every member that had the group's state is gone.
        public static let stateLost = Code("stateLost")
        /// This node has left its cluster. The call was not executed.
        public static let notMember = Code("notMember")
        /// A peer's memory holds what no correct peer writes. The group has stopped on this node.
        public static let corruptMemory = Code("corruptMemory")
        /// The group has delivered as much as one view can count, and has stopped.
        public static let countersExhausted = Code("countersExhausted")
        /// An update left more for later than its group can keep. Nothing was left.
        public static let outboxFull = Code("outboxFull")
        /// The language asked for something that replicated actors do not have.
        public static let unsupported = Code("unsupported")
    }
}
