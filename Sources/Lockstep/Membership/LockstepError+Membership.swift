import LockstepProtocol

extension LockstepError {
    /// What becomes of calls that are on their way.
    static let noMajority = LockstepError(
        .outcomeUnknown,
        """
        The call was sent, and then this node lost the majority of its view. It may be executed or not: look it up when \
        the majority is back, or at another member.
        """
    )

    /// Why a node is out of its cluster.
    init(_ exclusion: Exclusion) {
        switch exclusion {
        case .left:
            self = CallChannel.hasLeft
        case .replaced(let view):
            self.init(
                .excluded,
                """
                The other members have gone on to view \(view) without this node, which they did not hear. Its replicas \
                have stopped. \(Self.howToComeBack)
                """
            )
        case .forgotten:
            self.init(
                .excluded,
                """
                This node was away for so long that the other members have forgotten it. Its replicas have stopped. \
                \(Self.howToComeBack)
                """
            )
        }
    }

    private static let howToComeBack = "Join again, or let `NodeConfiguration.rejoin` do so."
}
