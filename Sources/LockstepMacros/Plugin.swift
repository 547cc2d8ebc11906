#if LOCKSTEP_TOOLCHAIN_SYNTAX
    @_spi(PluginMessage) import SwiftCompilerPluginMessageHandling
    import SwiftSyntaxMacros

    /// The program that the compiler runs to expand the macros, over the toolchain's own libraries.
    @main
    struct Plugin: PluginProvider {
        static func main() throws {
            let connection = try StandardIOMessageConnection()
            try CompilerPluginMessageListener(connection: connection, provider: Plugin()).main()
        }

        func resolveMacro(moduleName: String, typeName: String) throws -> any Macro.Type {
            guard let macro = macros.first(where: { "\($0)" == typeName }) else {
                throw PluginError.noMacro(typeName)
            }
            return macro
        }

        func loadPluginLibrary(libraryPath: String, moduleName: String) throws {
            throw PluginError.loadsNoLibraries
        }
    }

    /// What the compiler may ask for in vain.
    enum PluginError: Error {
        case noMacro(String)
        case loadsNoLibraries
    }
#else
    import SwiftCompilerPlugin
    import SwiftSyntaxMacros

    /// The program that the compiler runs to expand the macros.
    @main
    struct Plugin: CompilerPlugin {
        let providingMacros = macros
    }
#endif

private var macros: [any Macro.Type] {
    [
        ReplicatedMacro.self, QueryMacro.self, DirectMacro.self, LocalMacro.self, RenamedMacro.self, SinceMacro.self,
        MigrationMacro.self, WireMacro.self,
    ]
}
