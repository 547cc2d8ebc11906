import ArgumentParser

/// How many pollers the members of a measurement have.
struct PollerOptions: ParsableArguments {
    @Option(help: "How many pollers each member has, of which the first does what is measured: 1, 2, 4 or 8.")
    var pollers = 1

    func validate() throws { try ValidationError.check(pollers: pollers) }
}
