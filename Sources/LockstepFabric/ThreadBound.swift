/// A value that belongs to one thread.
///
/// The language checks at run time that accesses to a property of a class do not overlap. In a turn of the poller, which
/// is a few hundred nanoseconds of such accesses, that was a sixth of the time; so here it is checked in debug builds
/// only.
///
/// `@unchecked Sendable` is not said on purpose: it never leaves its thread.
@usableFromInline
package final class ThreadBound<Value: ~Copyable> {
    @usableFromInline let place: UnsafeMutablePointer<Value>
    #if DEBUG
        /// Below zero while somebody changes it, and otherwise how many read it.
        private var accesses = 0
    #endif

    package init(_ value: consuming Value) {
        place = .allocate(capacity: 1)
        place.initialize(to: value)
    }

    deinit {
        place.deinitialize(count: 1)
        place.deallocate()
    }

    /// The value. It must not be changed while it is in use.
    @inlinable @inline(__always)
    package var value: Value {
        _read {
            beginReading()
            defer { endReading() }
            yield place.pointee
        }
        _modify {
            beginChanging()
            defer { endChanging() }
            yield &place.pointee
        }
    }

    #if DEBUG
        @usableFromInline func beginReading() {
            precondition(accesses >= 0, "a value must not be read while it is changed")
            accesses += 1
        }

        @usableFromInline func endReading() { accesses -= 1 }

        @usableFromInline func beginChanging() {
            precondition(accesses == 0, "a value must not be changed while it is in use")
            accesses = -1
        }

        @usableFromInline func endChanging() { accesses = 0 }
    #else
        @inlinable @inline(__always) func beginReading() {}
        @inlinable @inline(__always) func endReading() {}
        @inlinable @inline(__always) func beginChanging() {}
        @inlinable @inline(__always) func endChanging() {}
    #endif
}
