import SwiftSyntax

/// A name of a library in an expression, with what is done with it.
struct ForeignName {
    let token: TokenSyntax
    /// The call whose callee is the name itself, if it is called.
    let call: FunctionCallExprSyntax?
    /// The member that is asked for, if there is one.
    let member: String?

    var name: String { token.text }

    /// Reads the name if it stands alone or after the name of a module.
    init?(_ reference: DeclReferenceExprSyntax) {
        var outer = Syntax(reference)
        if let access = reference.parent?.as(MemberAccessExprSyntax.self), access.declName.id == reference.id {
            guard let module = access.base?.typeName, Self.modules.contains(module) else { return nil }
            outer = Syntax(access)
        }
        if let generic = outer.parent?.as(GenericSpecializationExprSyntax.self) { outer = Syntax(generic) }
        token = reference.baseName
        let access = outer.parent?.as(MemberAccessExprSyntax.self)
        member = access?.base?.id == outer.as(ExprSyntax.self)?.id ? access?.declName.baseName.text : nil
        let call = outer.parent?.as(FunctionCallExprSyntax.self)
        self.call = call?.calledExpression.id == outer.as(ExprSyntax.self)?.id ? call : nil
    }

    /// What is wrong with the name in the code of an update.
    var mistake: Mistake? { concurrencyMistake ?? clockMistake ?? chanceMistake ?? machineMistake }

    /// What is wrong with it even in a query.
    var concurrencyMistake: Mistake? {
        switch name {
        case "Task": isTaskOfTheLanguage ? .concurrent(token) : nil
        case _ where Self.taskGroups.contains(name) && call != nil: .concurrent(token)
        case "DispatchQueue", "OperationQueue": .concurrent(token)
        case "Thread": Self.threadMembers.contains(member ?? "") ? .concurrent(token) : nil
        default: nil
        }
    }

    private var clockMistake: Mistake? {
        switch name {
        case "Date": isMadeWithoutArguments || member == "now" || label == "timeIntervalSinceNow" ? clock : nil
        case "ContinuousClock", "SuspendingClock", "DispatchTime", "DispatchWallTime": clock
        case _ where Self.clockFunctions.contains(name) && isCalledLikeC: clock
        default: nil
        }
    }

    private var chanceMistake: Mistake? {
        switch name {
        case "UUID": isMadeWithoutArguments ? .uuid(token, isPlain: isPlain) : nil
        case "SystemRandomNumberGenerator": .randomness(token)
        case _ where Self.randomFunctions.contains(name) && isCalledLikeC: .randomness(token)
        case "Hasher", "ObjectIdentifier": call == nil ? nil : .hash(token)
        default: nil
        }
    }

    private var machineMistake: Mistake? {
        switch name {
        case _ where Self.locks.contains(name): .lock(token)
        case _ where Self.machineTypes.contains(name): .machine(token)
        case _ where Self.machineFunctions.contains(name) && isCalledLikeC: .machine(token)
        case "Calendar", "Locale", "TimeZone":
            ["autoupdatingCurrent", "current"].contains(member) ? .machine(token) : nil
        default: nil
        }
    }

    private var clock: Mistake { .clock(token) }

    private var label: String? { call?.arguments.first?.label?.text }

    /// True if no module stands before the name.
    private var isPlain: Bool { call?.calledExpression.typeName == name }

    private var isMadeWithoutArguments: Bool {
        call.map { $0.arguments.isEmpty && $0.trailingClosure == nil } ?? false
    }

    /// A function of the user's that has the name of one in C is likely to have labels.
    private var isCalledLikeC: Bool { call?.arguments.allSatisfy { $0.label == nil } ?? false }

    /// A type of the user's may have the name, too.
    private var isTaskOfTheLanguage: Bool {
        if let member { return Self.taskMembers.contains(member) }
        guard let call else { return false }
        let labels = call.arguments.compactMap(\.label?.text)
        return call.arguments.isEmpty && call.trailingClosure != nil || labels.contains(where: Self.taskLabels.contains)
    }
}

// MARK: - The names

extension ForeignName {
    private static let modules: Set = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Swift", "Synchronization", "_Concurrency",
    ]
    private static let taskMembers: Set = [
        "checkCancellation", "currentPriority", "detached", "immediate", "isCancelled", "sleep", "yield",
    ]
    private static let taskLabels: Set = ["executorPreference", "operation", "priority"]
    private static let taskGroups: Set = [
        "withCheckedContinuation", "withCheckedThrowingContinuation", "withDiscardingTaskGroup", "withTaskGroup",
        "withThrowingDiscardingTaskGroup", "withThrowingTaskGroup", "withUnsafeCurrentTask",
    ]
    private static let threadMembers: Set = ["current", "detachNewThread", "isMainThread", "main", "sleep"]
    private static let clockFunctions: Set = [
        "CFAbsoluteTimeGetCurrent", "clock", "clock_gettime", "gettimeofday", "mach_absolute_time", "time",
    ]
    private static let randomFunctions: Set = [
        "arc4random", "arc4random_uniform", "drand48", "getrandom", "rand", "random",
    ]
    private static let locks: Set = [
        "DispatchGroup", "DispatchSemaphore", "Mutex", "NSCondition", "NSLock", "NSRecursiveLock",
    ]
    private static let machineTypes: Set = [
        "CommandLine", "FileHandle", "FileManager", "ProcessInfo", "URLSession", "UserDefaults",
    ]
    private static let machineFunctions: Set = ["fopen", "getenv", "gethostname", "getpid", "setenv"]
}
