/// Collects what a replicated actor is. Code that ``Replicated(level:)`` generates fills it.
public struct SchemaBuilder {
    private let type: String
    private let level: Int
    private let isViewAware: Bool
    private let describer = TypeDescriber()
    private var methods: [ActorSchema.Method] = []
    private var properties: [String: String] = [:]

    /// Begins with an actor that has nothing, in a release of a level.
    public init(_ type: Any.Type, level: Int = 1) {
        self.type = "\(type)"
        self.level = level
        isViewAware = type is any ViewAware.Type
    }

    /// Adds a method.
    ///
    /// - Parameters:
    ///   - number: ``ActorSchema/number(of:)`` of the name, or ``ActorSchema/number(of:taking:)``.
    ///   - name: The full name, such as `receive(_:of:)`.
    ///   - oldName: The full name in earlier releases, if it was another one.
    ///   - kind: What calls of it do.
    ///   - parameters: The types of the parameters.
    ///   - result: The type of the result.
    ///   - failure: The type of the errors, if the method names one.
    public mutating func add(
        _ number: UInt32, _ name: String, renamedFrom oldName: String? = nil, kind: ActorSchema.Method.Kind = .update,
        taking parameters: [any Sendable.Type], returning result: any Sendable.Type, throwing failure: Any.Type? = nil
    ) {
        methods.append(
            ActorSchema.Method(
                number: number, name: name, oldName: oldName, kind: kind,
                signature: (parameters + [result]).map { describer.describe($0) },
                failure: failure.map { describer.describe($0) }))
    }

    /// Adds a replicated property: its name, and what has its type and is never called.
    public mutating func add<Actor: ReplicatedActor, Value>(property name: String, _ value: (isolated Actor) -> Value) {
        properties[name] = describer.describe(Value.self)
    }

    /// What was collected.
    public var schema: ActorSchema {
        ActorSchema(
            type: type, level: level, methods: methods, properties: properties, types: describer.shapes,
            isViewAware: isViewAware)
    }
}
