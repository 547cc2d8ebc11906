/*
 * Park and wake: one node that parks, peers that push to it, and a thread of its own process that leaves work.
 * README.md says what the definitions leave out, and what is found then.
 */
#ifndef PEERS
#define PEERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef OWN_MESSAGES
#define OWN_MESSAGES MESSAGES
#endif

/* Sources of work: the peers, then the own thread. Each has a counter, and a word on which the node sleeps. */
#define SOURCES (PEERS + 1)
#define OWN PEERS
#define counter(source) (source)
#define wakeWord(source) (SOURCES + (source))
#define PARKED (2 * SOURCES)
#define WORDS (2 * SOURCES + 1)

#define NODE SOURCES
#define PROCESSES (SOURCES + 1)
#define DEPTH 8

#define WATCHED SOURCES
#define watched(k) wakeWord(k)
#define satisfied (seenInAll == PEERS * MESSAGES + OWN_MESSAGES)

#ifdef NARROW_WORD
#define after(number) (1 - (number))
#else
#define after(number) ((number) + 1)
#endif

#include "machine.pml"

/* A peer's poller, seen from here. It alone writes its wake word, so a plain store of the next number does. */
proctype Peer(byte me) {
    byte sent, raised;
    bool isParked;
    do
    :: sent < MESSAGES ->
        sent++;
        store(counter(me), sent);
#ifdef RAISE_FIRST
        raised = after(raised);
        store(wakeWord(me), raised);
#endif
#ifndef NO_FENCE_A
        fence();
#endif
        isParked = memory[PARKED];
        if
        :: isParked ->
            isParked = false;
#if !defined(NO_RAISE) && !defined(RAISE_FIRST)
            raised = after(raised);
            store(wakeWord(me), raised);
#endif
            futexWake(wakeWord(me), NODE)
        :: else
        fi
    :: else -> break
    od
}

/* Many threads may do this, so the raise is a read-modify-write, which drains the buffer too. */
proctype OwnThread(byte me) {
    byte left;
    bool isParked;
    do
    :: left < OWN_MESSAGES ->
        left++;
        store(counter(me), left);
#ifndef NO_FENCE_OWN
        fence();
#endif
        isParked = memory[PARKED];
        if
        :: isParked ->
            isParked = false;
#ifndef NO_RAISE_OWN
            d_step { empty(buffer[me]) -> memory[wakeWord(me)] = memory[wakeWord(me)] + 1 };
#endif
            futexWake(wakeWord(me), NODE)
        :: else
        fi
    :: else -> break
    od
}

/* Loads each counter once. */
inline look() {
    do
    :: atomic {
        if
        :: memory[counter(k)] > seen[k] ->
            seenInAll = seenInAll + memory[counter(k)] - seen[k];
            seen[k] = memory[counter(k)];
            found = true
        :: else
        fi;
        k++;
        if
        :: k == SOURCES -> k = 0; break
        :: else
        fi
    }
    od
}

proctype Node(byte me) {
    byte k, seenInAll;
    byte expected[WATCHED];
    byte seen[SOURCES];
    bool found, isParked;
turn:
    look();
    if
    :: atomic { found && isParked -> found = false; isParked = false; store(PARKED, 0); goto turn }
    :: atomic { found && !isParked -> found = false; goto turn }
    :: atomic { !found && isParked -> goto waits }
    :: !found && !isParked
    fi;
#if !defined(EXPECTED_AFTER_PARKED) && !defined(EXPECTED_LATE)
    readExpected();
#endif
    atomic { isParked = true; store(PARKED, 1) };
#ifndef NO_FENCE_B
    fence();
#endif
#ifdef EXPECTED_AFTER_PARKED
    readExpected();
#endif
#ifndef NO_RECHECK
    goto turn;
#endif
waits:
#ifdef EXPECTED_LATE
    readExpected();
#endif
    waitForAny(PARKED);
    goto turn
}

init {
    byte i;
    atomic {
        do
        :: i < PROCESSES -> run Drain(i); i++
        :: else -> break
        od;
        i = 0;
        do
        :: i < PEERS -> run Peer(i); i++
        :: else -> break
        od;
        i = 0;
        run OwnThread(OWN);
        run Node(NODE)
    }
}
