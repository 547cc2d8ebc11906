import Crypto
import Foundation
import Testing

@testable import Lockstep

@Suite("Handshake")
struct HandshakeTests {
    private static let address = "lockstep/1000/shop"

    private func caller(at address: String = address, key: SymmetricKey = .test) -> Handshake {
        Handshake(as: .caller, at: address, key: key)
    }

    private func called(at address: String = address, key: SymmetricKey = .test) -> Handshake {
        Handshake(as: .called, at: address, key: key)
    }

    @Test func whoKnowTheKeyAgree() throws {
        var (caller, called) = (caller(), called())
        let answer = try #require(try called.take(caller.greeting))
        #expect(!caller.isProven && !called.isProven)
        let proof = try #require(try caller.take(answer))
        #expect(caller.isProven && !called.isProven)
        #expect(try called.take(proof) == nil)
        #expect(called.isProven)
    }

    @Test func bothFindOutThatTheKeysDiffer() throws {
        var (caller, called) = (caller(key: .other), called())
        let answer = try #require(try called.take(caller.greeting))
        #expect(throws: ControlFlaw.otherKey) { try caller.take(answer) }
        #expect(throws: ControlFlaw.otherKey) { try called.take(.disagreement) }
        #expect(!caller.isProven && !called.isProven)
    }

    @Test func aCallerThatDoesNotCareAboutTheAnswerIsFoundOut() throws {
        var (caller, called) = (caller(key: .other), called())
        _ = try called.take(caller.greeting)
        // It answers itself with its own key, and so gets a proof to show.
        var itself = self.called(key: .other)
        let answer = try #require(try itself.take(caller.greeting))
        let proof = try #require(try caller.take(answer))
        #expect(throws: ControlFlaw.otherKey) { try called.take(proof) }
    }

    @Test func nobodyIsConvincedByItsOwnProof() throws {
        // A stranger calls a member with the member's own words, or has them said by another connection to it.
        var (first, second) = (called(), called())
        guard case .answer(let nonce, let proof)? = try first.take(.greeting(nonce: handshakeBytes)) else {
            throw ControlFlaw.malformed("no answer")
        }
        #expect(throws: ControlFlaw.otherKey) { try first.take(.proof(proof)) }
        guard case .answer(_, let other)? = try second.take(.greeting(nonce: nonce)) else {
            throw ControlFlaw.malformed("no answer")
        }
        #expect(throws: ControlFlaw.otherKey) { try first.take(.proof(other)) }
        // A stranger answers a caller with the caller's nonce.
        var caller = caller()
        guard case .greeting(let own) = caller.greeting else { throw ControlFlaw.malformed("no greeting") }
        #expect(throws: ControlFlaw.otherKey) { try caller.take(.answer(nonce: own, proof: proof)) }
    }

    @Test func aProofIsGoodForOneHandshakeAndOnePlace() throws {
        var (caller, called) = (caller(), called())
        let greeting = caller.greeting
        let answer = try #require(try called.take(greeting))
        let proof = try #require(try caller.take(answer))
        var later = self.called()
        _ = try later.take(greeting)
        #expect(throws: ControlFlaw.otherKey) { try later.take(proof) }
        var another = self.caller()
        #expect(throws: ControlFlaw.otherKey) { try another.take(answer) }

        var elsewhere = self.caller(at: "lockstep/1000/shop/1f")
        var here = self.called()
        let other = try #require(try here.take(elsewhere.greeting))
        #expect(throws: ControlFlaw.otherKey) { try elsewhere.take(other) }
    }

    @Test func stepsComeInOrderAndOnce() throws {
        var called = called()
        #expect(throws: ControlFlaw.self) { try called.take(.proof(handshakeBytes)) }
        #expect(throws: ControlFlaw.self) { try called.take(.disagreement) }
        var caller = caller()
        #expect(throws: ControlFlaw.self) { try caller.take(.greeting(nonce: handshakeBytes)) }
        let answer = try #require(try called.take(caller.greeting))
        #expect(throws: ControlFlaw.self) { try called.take(caller.greeting) }
        let proof = try #require(try caller.take(answer))
        #expect(throws: ControlFlaw.self) { try caller.take(answer) }
        _ = try called.take(proof)
        #expect(throws: ControlFlaw.self) { try called.take(proof) }
        #expect(throws: ControlFlaw.self) { try called.take(.disagreement) }
    }

    @Test func noTwoNoncesAreEqual() {
        let greetings = (0..<100).map { _ in caller().greeting }
        for (place, greeting) in greetings.enumerated() { #expect(!greetings[..<place].contains(greeting)) }
    }
}

/// `docs/handshake.md`, whose bytes are compared with the code's.
@Suite("Handshake: the document says what the code does")
struct HandshakeDocumentTests {
    private let address = "lockstep/1000/shop"

    @Test func everyMessageIsRight() throws {
        var caller = Handshake(as: .caller, at: address, key: .test, nonce: Array(1...32))
        var called = Handshake(as: .called, at: address, key: .test, nonce: Array(33...64))
        let answer = try #require(try called.take(caller.greeting))
        let proof = try #require(try caller.take(answer))
        let document = try String(contentsOf: Self.document, encoding: .utf8)
        for (name, message) in [
            ("greeting", caller.greeting), ("answer", answer), ("proof", proof), ("disagreement", .disagreement),
        ] {
            let bytes = MeshMessage.handshake(message).encoded()
            #expect(RendezvousMessage.handshake(message).encoded() == bytes)
            let text = bytes.map { String(format: "%02X", $0) }.joined(separator: " ")
            #expect(document.contains("| \(name) | `\(text)` |\n"))
        }
    }

    private static let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/handshake.md")
}
