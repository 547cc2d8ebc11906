/*
 * Doorbells: each peer appends the number of the shard that changed to a small ring in its own memory, and the node
 * that parks looks at the rings, not at all shards. An entry is one word: its sequence number with the shard.
 * README.md says what the definitions leave out, and what is found then.
 */
#ifndef PEERS
#define PEERS 2
#endif
#ifndef MESSAGES
#define MESSAGES 3
#endif
/* By each peer but the first. */
#ifndef LESS
#define LESS 1
#endif
#define messages(peer) ((peer) == 0 -> MESSAGES : LESS)
#define SHARDS 2
#define ENTRIES 2

#define counter(peer, shard) ((peer) * SHARDS + (shard))
#define entry(peer, number) (PEERS * SHARDS + (peer) * ENTRIES + (number) % ENTRIES)
#define wakeWord(peer) (PEERS * (SHARDS + ENTRIES) + (peer))
#define PARKED (PEERS * (SHARDS + ENTRIES + 1))
#define WORDS (PARKED + 1)
#define isWakeWord(word) ((word) >= wakeWord(0) && (word) < PARKED)

/* Entries are numbered from 1, so that an empty ring holds nothing that is expected. */
#define pack(number, shard) ((number) * SHARDS + (shard))
#define numberOf(word) ((word) / SHARDS)
#define shardOf(word) ((word) % SHARDS)

#define NODE PEERS
#define PROCESSES (PEERS + 1)
#define DEPTH 8

#define WATCHED PEERS
#define watched(k) wakeWord(k)
#define satisfied (seenInAll == MESSAGES + (PEERS - 1) * LESS)

#define BITS
#include "machine.pml"

inline ring() { store(entry(me, pushed), pack(pushed, shard)) }

proctype Peer(byte me) {
    byte pushed, shard;
    byte value[SHARDS];
    do
    :: pushed < messages(me) ->
        atomic {
            pushed++;
            if
            :: shard = 0
            :: shard = 1
            fi;
            value[shard] = value[shard] + 1;
#ifdef RING_FIRST
            ring()
#else
            store(counter(me, shard), value[shard])
#endif
        };
#ifdef RING_FIRST
        store(counter(me, shard), value[shard]);
#elif !defined(RING_LATE)
        ring();
#endif
        fence();
        if
        :: atomic { memory[PARKED] == 1 -> store(wakeWord(me), RAISED) };
            futexWake(wakeWord(me), NODE)
        :: atomic { memory[PARKED] == 0 -> skip }
        fi;
#ifdef RING_LATE
        ring();
#endif
        shard = 0
    :: else -> break
    od
}

inline lookAt(peer, shard) {
    seenInAll = seenInAll + memory[counter(peer, shard)] - seen[(peer) * SHARDS + (shard)];
    seen[(peer) * SHARDS + (shard)] = memory[counter(peer, shard)]
}

/* The next entry of each ring; who has been lapped looks at everything. */
inline look() {
    do
    :: atomic {
        word = memory[entry(k, next[k])];
        if
        :: numberOf(word) == next[k] -> found = true; next[k] = next[k] + 1; goto changed
        :: numberOf(word) > next[k] -> found = true;
#ifdef NO_LAP
            next[k] = numberOf(word) + 1; goto changed
#else
            next[k] = numberOf(word) + 1; goto lapped
#endif
        :: else -> word = 0; goto nextRing
        fi
    };
changed:
        atomic { lookAt(k, shardOf(word)); word = 0; goto nextRing };
lapped:
        word = 0;
        do
        :: atomic {
            lookAt(word / SHARDS, word % SHARDS);
            word++;
            if
            :: word == PEERS * SHARDS -> word = 0; break
            :: else
            fi
        }
        od;
nextRing:
        atomic {
            k++;
            if
            :: k == PEERS -> k = 0; break
            :: else
            fi
        }
    od
}

proctype Node(byte me) {
    byte k, word, seenInAll;
    byte seen[PEERS * SHARDS];
    byte next[PEERS];
    bool found, isParked;
    d_step {
        do
        :: k < PEERS -> next[k] = 1; k++
        :: else -> k = 0; break
        od
    };
turn:
    look();
    atomic {
        if
        :: found && isParked -> found = false; dequeue(); isParked = false; store(PARKED, 0); goto turn
        :: found && !isParked -> found = false; goto turn
        :: !found && isParked -> goto waits
        :: else
        fi
    };
    readExpected();
    atomic { isParked = true; store(PARKED, 1) };
    fence();
    goto turn;
waits:
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
        run Node(NODE)
    }
}
