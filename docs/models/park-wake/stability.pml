/*
 * The last one wakes: three members that follow each other's counters, and sleep when there is nothing to do.
 *
 * A raise of `sent`, by a message or by a null, wakes everybody who is parked. A raise of `received` alone wakes only
 * if its writer sees, after the fence, that all have received as much. Every member has to deliver every message. Who
 * has delivered all of them ends: it has told the others everything.
 * README.md says what the definitions leave out, and what is found then.
 */
#ifndef MESSAGES
#define MESSAGES 2
#endif
/* So many messages may be under way: with fewer than MESSAGES, the sender sleeps between them. */
#ifndef WINDOW
#define WINDOW 1
#endif
/* Member 0 has messages; with 2, member 1 fills its rounds with nulls. */
#ifndef SENDERS
#define SENDERS 1
#endif

#define MEMBERS 3
#define sent(member) (member)
#define received(member) (MEMBERS + (member))
#define parked(member) (2 * MEMBERS + (member))
/* On this word of the writer the sleeper waits. */
#define wakeWord(writer, sleeper) (3 * MEMBERS + (writer) * MEMBERS + (sleeper))
#define WORDS (3 * MEMBERS + MEMBERS * MEMBERS)

#define isWakeWord(word) ((word) >= wakeWord(0, 0))

#define PROCESSES MEMBERS
#define DEPTH (3 * MESSAGES + 3)

#define WATCHED (MEMBERS - 1)
#define peer(k) ((me + 1 + (k)) % MEMBERS)
#define watched(k) wakeWord(peer(k), me)
#define satisfied (delivered == MESSAGES)

#define BITS
#include "machine.pml"

/* The least `received` of all. */
inline findLeastReceived() {
    least = myReceived;
    do
    :: atomic {
        least = (memory[received(peer(k))] < least -> memory[received(peer(k))] : least);
        k++;
        if
        :: k == WATCHED -> k = 0; break
        :: else
        fi
    }
    od
}

inline hear(sender) {
    least = (memory[sent(sender)] < least -> memory[sent(sender)] : least)
}

inline wakeAll() {
    do
    :: atomic {
        if
        :: memory[parked(peer(k))] == 1 -> store(wakeWord(me, peer(k)), RAISED)
        :: else -> goto next
        fi
    };
        futexWake(wakeWord(me, peer(k)), peer(k));
next:
        atomic {
            k++;
            if
            :: k == WATCHED -> k = 0; break
            :: else
            fi
        }
    od
}

proctype Member(byte me) {
    byte k, least;
    byte mySent, myReceived, delivered;
    bool found, isParked, wakes;
turn:
    /* A message if there is room, or nulls up to the rounds in use. */
    atomic {
        if
        :: me == 0 && mySent < MESSAGES && mySent < delivered + WINDOW ->
            mySent++;
            found = true;
            wakes = true
        :: me == 1 && SENDERS == 2 && memory[sent(0)] > mySent ->
            mySent = memory[sent(0)];
            found = true;
#ifndef QUIET_NULLS
            wakes = true
#endif
        :: else
        fi;
        if
        :: found -> store(sent(me), mySent)
        :: else
        fi;
        least = (me < SENDERS -> mySent : MESSAGES)
    };

    /* What is received of all senders; what is known to be at its end is not loaded again. */
    if
    :: atomic { me > 0 && least > myReceived && myReceived < MESSAGES -> hear(0) }
    :: else
    fi;
    if
    :: atomic { SENDERS == 2 && me != 1 && least > myReceived && myReceived < MESSAGES -> hear(1) }
    :: else
    fi;
    atomic {
        if
        :: least > myReceived -> myReceived = least; found = true; store(received(me), myReceived)
        :: else
        fi;
        least = 0
    };

    /* One look at the others tells who is last and what is stable. */
#ifdef LAST_EARLY
    findLeastReceived();
#endif
    if
    :: !found
#ifdef LAST_UNFENCED
    :: found && !wakes
    :: atomic { found && wakes -> fence() }
#else
    :: atomic { found -> fence() }
#endif
    fi;
#ifndef LAST_EARLY
    findLeastReceived();
#endif
    atomic {
        if
#ifndef NOBODY_WAKES
        :: found && least == myReceived -> wakes = true
#endif
        :: else
        fi;
        if
        :: least > delivered -> delivered = least; found = true
        :: else
        fi;
        least = 0
    };
    if
    :: atomic { wakes -> wakes = false } ; wakeAll()
    :: else
    fi;

    atomic {
        if
        :: isParked && (found || delivered == MESSAGES) -> dequeue(); isParked = false; store(parked(me), 0)
        :: else
        fi;
        if
        :: delivered == MESSAGES -> goto done
        :: delivered < MESSAGES && found -> found = false; goto turn
        :: delivered < MESSAGES && !found && isParked -> goto waits
        :: else
        fi
    };
    readExpected();
    atomic { isParked = true; store(parked(me), 1) };
#ifndef NO_FENCE_B
    fence();
#endif
#ifndef NO_RECHECK
    goto turn;
#endif
waits:
    waitForAny(parked(me));
    goto turn;
done:
}

init {
    byte i;
    atomic {
        do
        :: i < MEMBERS -> run Drain(i); run Member(i); i++
        :: else -> break
        od;
        i = 0
    }
}
