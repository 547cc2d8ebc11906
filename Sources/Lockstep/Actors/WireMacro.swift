/// Makes a struct or an enum fast to encode: it writes and reads itself, without `Codable` in between.
///
/// ```swift
/// @Wire
/// struct Order: Codable, Sendable {
///     var id: Int
///     var note: String?
/// }
/// ```
///
/// The bytes are those of the synthesized `Codable`, so that the mark may be put and removed at any time, also while
/// some members run a release with it and others one without. As there, a `CodingKeys` of a struct names the fields,
/// and optional properties may be missing. What cannot be written so, such as a class or a type that has its own
/// `encode(to:)`, is an error.
@attached(member, names: named(write), named(init), named(describe))
@attached(
    extension,
    conformances: WireWritable,
    WireReadable,
    WireDescribed,
    names: named(write),
    named(init),
    named(describe)
)
public macro Wire() = #externalMacro(module: "LockstepMacros", type: "WireMacro")
