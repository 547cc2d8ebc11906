extension LockstepError {
    /// The code for a process to end with because of this error, so that its supervisor, such as systemd or Kubernetes,
    /// knows whether to start it again. The numbers are those of `sysexits.h`.
    ///
    /// | code | name | errors | what helps |
    /// | --- | --- | --- | --- |
    /// | 75 | `EX_TEMPFAIL` | ``Code/excluded``, ``Code/notMember``, ``Code/joinTimedOut``, and what else passes | to start the process again |
    /// | 78 | `EX_CONFIG` | ``Code/invalidConfiguration``, ``Code/nameTaken``, ``Code/incompatible``, ``Code/schemaMismatch`` | another configuration or release |
    /// | 69 | `EX_UNAVAILABLE` | ``Code/unsupportedHost`` | another host, or more memory |
    /// | 65 | `EX_DATAERR` | ``Code/stateLost`` | nothing: the state is gone, and somebody has to begin anew |
    /// | 70 | `EX_SOFTWARE` | all others | to mend the program |
    public var exitCode: Int32 {
        switch code {
        case .excluded, .notMember, .joinTimedOut, .rendezvousFailed, .outcomeUnknown, .notExecuted, .groupNotActive,
            .noAnswer, .notYet, .countersExhausted, .sessionExpired, .tooManyClients:
            75
        case .invalidConfiguration, .nameTaken, .incompatible, .schemaMismatch: 78
        case .unsupportedHost: 69
        case .stateLost: 65
        default: 70
        }
    }
}
