/// Memory that is filled from its beginning on: lent by somebody at first, its own when that is full.
///
/// This is the one place that writes to memory; everything above it only says what to append.
// Unchecked because it holds a pointer: to memory of `owner`, or to memory that whoever lends it leaves alone.
@usableFromInline
struct WireRoom: @unchecked Sendable {
    /// Where the first byte stands.
    @usableFromInline var start: UnsafeMutableRawPointer
    /// The bytes that are filled.
    @usableFromInline var count = 0
    /// The bytes that there are.
    @usableFromInline var capacity: Int
    /// Keeps the memory, unless it is lent.
    @usableFromInline var owner: ManagedBuffer<Void, UInt8>?

    /// The capacity of the first memory of its own.
    private static let firstCapacity = 112
    /// Points at nothing, for a room without memory.
    private static var nowhere: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped }

    /// Has no memory yet.
    @usableFromInline
    init() { (start, capacity) = (Self.nowhere, 0) }

    /// Fills lent memory first, which must outlive it.
    init(lent memory: UnsafeMutableRawBufferPointer) {
        (start, capacity) = (memory.baseAddress ?? Self.nowhere, memory.count)
    }

    /// Hands everything over and has no memory then, so that nobody else holds it meanwhile.
    @inlinable @inline(__always)
    mutating func take() -> WireRoom {
        let room = self
        owner = nil
        return room
    }

    /// What was filled. It must not outlive the room, or what the room grows by.
    @usableFromInline var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// True if the memory that was lent was too small.
    var hasGrown: Bool { owner != nil }
}

// MARK: - Filling

extension WireRoom {
    /// Makes sure that so many bytes can be appended.
    @inlinable @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(by: more) }
    }

    /// Moves to larger memory of its own.
    @usableFromInline @inline(never)
    mutating func grow(by more: Int) {
        // Somewhat more than a large value takes, so that a short one behind it needs no copy of all that.
        move(to: max(Self.firstCapacity, 2 * capacity, count + more + more / 16))
    }

    /// Leaves memory that others own too, before it is written.
    @inlinable @inline(__always)
    mutating func becomeOnlyOwner() {
        if owner != nil, !isKnownUniquelyReferenced(&owner) { move(to: capacity) }
    }

    @usableFromInline @inline(never)
    mutating func move(to capacity: Int) {
        let memory = ManagedBuffer<Void, UInt8>.create(minimumCapacity: capacity) { _ in }
        memory.withUnsafeMutablePointerToElements { elements in
            LargeMemory.prepare(UnsafeMutableRawBufferPointer(start: elements, count: capacity))
        }
        // The elements lie behind the object and move only with it, which it does not.
        let elements = memory.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) }
        elements.copyMemory(from: start, byteCount: count)
        (start, owner, self.capacity) = (elements, memory, capacity)
    }

    /// Stores an integer as it is. Room for it must be reserved.
    @inlinable @inline(__always)
    mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        start.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
        // Within the capacity, which was checked.
        count &+= MemoryLayout<T>.size
    }

    /// Stores an integer in 1 to 10 bytes. Room for 10 must be reserved.
    @inlinable
    mutating func storeVarint(_ value: UInt64) {
        guard value >> 56 == 0 else { return storeWideVarint(value) }
        let size = WireVarint.size(value)
        let marks = 0x0080_8080_8080_8080 & ((1 &<< UInt64(8 &* (size &- 1))) &- 1)
        start.storeBytes(of: (WireVarint.spread(value) | marks).littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= size
    }

    @usableFromInline @inline(never)
    mutating func storeWideVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            store(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        store(UInt8(truncatingIfNeeded: rest))
    }

    /// Stores bytes. Room for them must be reserved.
    @inlinable @inline(__always)
    mutating func store(from source: UnsafeRawPointer, count more: Int) {
        (start + count).copyMemory(from: source, byteCount: more)
        count &+= more
    }

    /// Puts a byte before what was filled from `index` on.
    mutating func insert(_ byte: UInt8, at index: Int) {
        reserve(1)
        (start + index + 1).copyMemory(from: start + index, byteCount: count - index)
        start.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        count += 1
    }
}
