/*
 * The machine under the models: words, store buffers, fences and the futex.
 *
 * Memory is x86-TSO. Each process has a FIFO store buffer that drains whenever it likes; a fence, an atomic
 * read-modify-write and a futex call wait until it is empty. Loads go to memory, in program order. A process never
 * loads what it alone writes but keeps a copy, which is as good as forwarding from its buffer.
 *
 * Not covered: machines that reorder loads, or stores with stores. There the order comes from acquire and release,
 * which TSO gives for free, so a missing one is not found here.
 *
 * A model defines PROCESSES, DEPTH (a buffer that nothing ever fills, which is asserted), WORDS, and for those who
 * park: WATCHED, watched(k), their number of words and which, and satisfied, true if all that will ever come has been
 * seen. Each process has a byte `me`; those who park have `k`, `isParked`, and without BITS `expected[WATCHED]`.
 * With BITS, isWakeWord(word) says which words those are.
 */

byte memory[WORDS];
chan buffer[PROCESSES] = [DEPTH] of { byte, byte };

/* The futex: who waits on a word (each has one waiter at most), and who has been woken. */
bool queued[WORDS];
bool woken[PROCESSES];

/*
 * A wake word is a number that never comes back, so all it tells its sleeper is whether it was raised since the
 * expected value was read. With BITS that is what a word holds, and nothing while nobody expects anything: far fewer
 * states.
 */
#ifdef BITS
#define UNWATCHED 0
#define AS_EXPECTED 1
#define RAISED 2
#define write(word, value) memory[word] = (isWakeWord(word) && memory[word] == UNWATCHED -> UNWATCHED : value)
#define expect(k) memory[watched(k)] = AS_EXPECTED
#define isExpected(k) (memory[watched(k)] == AS_EXPECTED)
#define forget(k) memory[watched(k)] = UNWATCHED
#else
#define write(word, value) memory[word] = value
#define expect(k) expected[k] = memory[watched(k)]
#define isExpected(k) (memory[watched(k)] == expected[k])
#define forget(k) expected[k] = 0
#endif

/* With STRONG, stores are visible at once: fewer states, for what fences have no part in. */
inline store(word, value) {
#ifdef STRONG
    d_step { write(word, value) }
#else
    d_step { assert(nfull(buffer[me])); buffer[me] ! word, value }
#endif
}

inline fence() { empty(buffer[me]) }

proctype Drain(byte owner) {
    byte word, value;
end:
    do
    :: d_step { buffer[owner] ? word, value -> write(word, value); word = 0; value = 0 }
    od
}

/* The kernel has a full barrier of its own between the caller's stores and its look at the queue. */
inline futexWake(word, waiter) {
    d_step {
        empty(buffer[me]) ->
        if
        :: queued[word] -> queued[word] = false; woken[waiter] = true
        :: else
        fi
    }
}

inline readExpected() {
    do
    :: atomic {
        expect(k);
        k++;
        if
        :: k == WATCHED -> k = 0; break
        :: else
        fi
    }
    od
}

/*
 * futex_waitv. The kernel compares and enqueues word by word, each under a lock but not all of them under one.
 * Only who has seen everything may rest here for ever: elsewhere that is an invalid end state, a lost wake-up.
 */
inline waitForAny(parkedWord) {
    do
    :: atomic {
        empty(buffer[me]);
        if
        :: isExpected(k) -> queued[watched(k)] = true; k++
        :: else -> dequeue(); break
        fi;
        if
        :: k == WATCHED && satisfied -> goto end_rests
        :: k == WATCHED && !satisfied -> goto sleeps
        :: else
        fi
    }
    od;
    goto returns;
end_rests:
    atomic { woken[me] -> dequeue(); goto returns };
sleeps:
    atomic { woken[me] -> dequeue() };
returns:
    atomic { isParked = false; store(parkedWord, 0) }
}

inline dequeue() {
    k = 0;
    do
    :: k < WATCHED -> queued[watched(k)] = false; forget(k); k++
    :: else -> break
    od;
    k = 0;
    woken[me] = false
}
