import Dispatch
import Distributed
import Foundation
import Glibc
import Lockstep
import Synchronization

@Replicated
distributed actor ForeignNames {
    var list = [1, 2]

    distributed func update() {
        _ = Date.now
        // expected-error @-1 {{'Date' tells another time on every replica; use 'context.now', the time of the update}}
        _ = Foundation.Date()
        // expected-error @-1 {{'Date' tells another time on every replica; use 'context.now', the time of the update}}
        _ = Date(timeIntervalSinceNow: 1)
        // expected-error @-1 {{'Date' tells another time on every replica; use 'context.now', the time of the update}}
        let date: Date = .now
        // expected-error @-1 {{'now' tells another time on every replica; use 'context.now', the time of the update}}
        _ = ContinuousClock.now
        // expected-error @-1 {{'ContinuousClock' tells another time on every replica; use 'context.now', the time of the update}}
        _ = SuspendingClock().now
        // expected-error @-1 {{'SuspendingClock' tells another time on every replica; use 'context.now', the time of the update}}
        _ = DispatchTime.now()
        // expected-error @-1 {{'DispatchTime' tells another time on every replica; use 'context.now', the time of the update}}
        _ = time(nil)
        // expected-error @-1 {{'time' tells another time on every replica; use 'context.now', the time of the update}}
        _ = Bool.random()
        // expected-error @-1 {{'random' draws other numbers on every replica; draw them from 'context.random'}}
        // expected-note @-2 {{draw from 'context.random'}} {{25-26=using: &context.random)}}
        _ = list.randomElement()
        // expected-error @-1 {{'randomElement' draws other numbers on every replica; draw them from 'context.random'}}
        // expected-note @-2 {{draw from 'context.random'}} {{32-33=using: &context.random)}}
        _ = list.shuffled()
        // expected-error @-1 {{'shuffled' draws other numbers on every replica; draw them from 'context.random'}}
        // expected-note @-2 {{draw from 'context.random'}} {{27-28=using: &context.random)}}
        list.shuffle()
        // expected-error @-1 {{'shuffle' draws other numbers on every replica; draw them from 'context.random'}}
        // expected-note @-2 {{draw from 'context.random'}} {{22-23=using: &context.random)}}
        _ = SystemRandomNumberGenerator()
        // expected-error @-1 {{'SystemRandomNumberGenerator' gives other numbers on every replica; use 'context.random'}}
        _ = Hasher()
        // expected-error @-1 {{'Hasher' gives other values in every process; compute the value from what is hashed}}
        _ = ObjectIdentifier(self)
        // expected-error @-1 {{'ObjectIdentifier' gives other values in every process; compute the value from what is hashed}}
        Task.detached { print(date) }
        // expected-error @-1 {{'Task' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
        if Task.isCancelled { return }
        // expected-error @-1 {{'Task' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
        DispatchQueue.main.async { print(1) }
        // expected-error @-1 {{'DispatchQueue' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
        _ = Mutex<Int>(1)
        // expected-error @-1 {{'Mutex' has no use here, since the updates run one after the other, and waiting holds up every group of the node; remove it}}
        _ = getenv("HOME")
        // expected-error @-1 {{'getenv' differs from machine to machine; read it outside the actor, and pass it as an argument}}
        _ = FileManager.default.currentDirectoryPath
        // expected-error @-1 {{'FileManager' differs from machine to machine; read it outside the actor, and pass it as an argument}}
        _ = TimeZone.current
        // expected-error @-1 {{'TimeZone' differs from machine to machine; read it outside the actor, and pass it as an argument}}
    }
}
