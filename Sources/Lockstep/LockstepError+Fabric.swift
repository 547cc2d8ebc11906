import LockstepFabric

extension LockstepError {
    /// A fabric that cannot be set up, or has no room.
    init(_ error: FabricError) {
        self.init(
            error.isConfiguration ? .invalidConfiguration : .unsupportedHost, error.description, cause: error
        )
    }
}
