import Crypto

/// How the two ends of a connection prove to each other that they know the cluster's key, before either says anything
/// else. `docs/handshake.md` has the bytes and the reasons.
///
/// Each end draws a nonce and proves that it knows the key by a code over both nonces (HMAC-SHA256). What is signed
/// names the role, so that nobody can be sent its own proof, and the address, so that a proof is good for one
/// place only.
struct Handshake {
    /// Which end this is, as the proofs name it.
    enum Role: String {
        case caller = "lockstep caller 1"
        case called = "lockstep called 1"
    }

    static let nonceBytes = 32
    static let proofBytes = SHA256.byteCount

    private let role: Role
    private let address: String
    private let key: SymmetricKey
    private let own: [UInt8]
    private var other: [UInt8]?
    /// True once the other end has proved that it knows the key.
    private(set) var isProven = false

    /// - Parameters:
    ///   - address: Where the one end has called the other.
    ///   - nonce: Never used twice; tests give one.
    init(as role: Role, at address: String, key: SymmetricKey, nonce: [UInt8] = Self.makeNonce()) {
        self.role = role
        self.address = address
        self.key = key
        own = nonce
    }

    private static func makeNonce() -> [UInt8] {
        // The system's generator asks the kernel for every number.
        (0..<nonceBytes).map { _ in UInt8.random(in: .min ... .max) }
    }

    /// What the caller says first.
    var greeting: HandshakeMessage { .greeting(nonce: own) }

    /// Takes the other's next message, and returns what to answer, if anything.
    ///
    /// - Throws: `ControlFlaw.otherKey` if the two keys differ, and `ControlFlaw.malformed` for a message that does not
    ///   come at this time.
    mutating func take(_ message: HandshakeMessage) throws(ControlFlaw) -> HandshakeMessage? {
        switch (role, message, other) {
        case (.called, .greeting(let nonce), nil):
            other = nonce
            return .answer(nonce: own, proof: proof(of: .called))
        case (.caller, .answer(let nonce, let proof), nil):
            other = nonce
            try check(proof, of: .called)
            return .proof(self.proof(of: .caller))
        case (.called, .proof(let proof), _?) where !isProven:
            try check(proof, of: .caller)
            return nil
        case (.called, .disagreement, _?) where !isProven:
            throw .otherKey
        default:
            throw .malformed("it does not come at this time")
        }
    }

    private func proof(of signer: Role) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: signed(by: signer), using: key))
    }

    private mutating func check(_ proof: [UInt8], of signer: Role) throws(ControlFlaw) {
        // In constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(proof, authenticating: signed(by: signer), using: key) else {
            throw .otherKey
        }
        isProven = true
    }

    /// All parts but the last have one length or an end of their own, so that no two handshakes sign the same bytes.
    private func signed(by signer: Role) -> [UInt8] {
        let (callers, calleds) = role == .caller ? (own, other) : (other, own)
        return Array(signer.rawValue.utf8) + [0] + (callers ?? []) + (calleds ?? []) + Array(address.utf8)
    }
}
