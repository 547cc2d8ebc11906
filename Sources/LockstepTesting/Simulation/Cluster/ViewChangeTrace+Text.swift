import LockstepProtocol

extension ViewChangeTrace {
    /// For transcripts: `view 2: 0#1 hears 2#3 no more (dead); began 4029, …`.
    var text: String {
        let reasons = accusations.map { accusation in
            "\(accusation.accuser.name) hears \(accusation.accused.name) no more\(accusation.isDeath ? " (dead)" : "")"
        }
        let phases = marks.map { "\($0.phase.rawValue) \($0.time)" }
        let number = installation?.view.number ?? 0
        return (["view \(number) by ballot \(ballot)"] + reasons + phases).joined(separator: ", ")
    }
}
