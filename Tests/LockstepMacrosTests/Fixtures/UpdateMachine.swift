import Distributed
import Foundation
import Lockstep

@Replicated
distributed actor UpdateMachine {
    var home = ""

    distributed func read() { home = ProcessInfo.processInfo.environment["HOME"] ?? "" }
    // expected-error @-1 {{'ProcessInfo' differs from machine to machine; read it outside the actor, and pass it as an argument}}
}
