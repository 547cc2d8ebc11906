import LockstepFabric

// What a host can tell people of a change of views. Nothing here decides anything.
extension MembershipMachine {
    /// Takes note of how far a change of views has come.
    mutating func observe() {
        guard role == .member else { return }
        observeForming()
        for accuser in view.members { observeAccusations(of: accuser) }
        if phase == .wedging || phase == .wedged || !change.accusations.isEmpty { mark(.began) }
        guard phase == .wedged else { return }
        mark(.wedged)
        change.begin(ownSlot.promised)
        if followers(in: change.ballot) != nil { mark(.promised) }
        if ownSlot.accepted > 0 { mark(.proposed) }
    }

    private mutating func observeForming() {
        if ownSlot.isInstalled { lastChange?.mark(.installed, at: detector.lastStep) }
        guard hasFormed else { return }
        lastChange?.mark(.formed, at: detector.lastStep)
        finishLastChange()
    }

    private mutating func observeAccusations(of accuser: MemberRecord) {
        // A row that has not come to this view yet speaks of the one before.
        guard let row = row(of: accuser), row.slot(view.number).tagged == view.number else { return }
        let (suspects, dead) = (row.suspects, row.dead)
        for accused in view.members where suspects.contains(accused.peer) {
            let isDeath = dead.contains(accused.peer)
            change.note(.init(accuser: accuser, accused: accused, isDeath: isDeath))
        }
    }

    private mutating func mark(_ phase: ViewChangeTrace.Phase) { change.mark(phase, at: detector.lastStep) }

    /// The next view is decided.
    mutating func noteDecided(_ installation: Installation) {
        finishLastChange()
        mark(.decided)
        change.installation = installation
        lastChange = change
        change = ViewChangeTrace()
    }

    private mutating func finishLastChange() {
        if let finished = lastChange.take() { report = finished }
    }
}
