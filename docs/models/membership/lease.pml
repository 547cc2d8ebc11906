/*
 * Leased reads: a reader answers without a round while every other member has promised not to leave it out. It may be
 * cut off at any time, and clocks differ a little. When the others have gone on without it, it must not answer.
 * README.md says what the definitions take out, and what is found then.
 */
#define GRANTORS 2
#define TERM 2          /* of a lease, by the reader's clock */
#define BEATS 2
#define END 8           /* of time */
#ifdef NO_DRIFT
#define GRANT TERM
#else
#define GRANT (TERM + 2)    /* by the grantor's clock: one tick for each of the two clocks */
#endif
#ifdef RESTART_AT_ONCE
#define RESTARTED 0
#else
#define RESTARTED clock[me]
#endif

/* In the time that is looked at, the reader's clock may lose one tick, and each grantor's win one. */
byte now, readerClock, clock[GRANTORS];
bool hasLost, hasWon[GRANTORS];

/* Of the reader: heartbeats, by number, when they were sent, and which echo came back from whom, and when. */
byte beats, sentAt[BEATS + 1];
byte echo[GRANTORS], echoedAt[GRANTORS];

/* Of the grantors: the last heartbeat that it granted, and when; and whether they wait no longer for the reader. */
byte granted[GRANTORS], grantedAt[GRANTORS];
bool suspects[GRANTORS];
byte restartsLeft = 1;
bool goesOn;            /* without the reader: something newer is delivered and acknowledged */

#define least(a, b) (a < b -> a : b)
#ifdef ONE_ECHO
#define echoed (echo[0] > echo[1] -> echo[0] : echo[1])
#else
#define echoed least(echo[0], echo[1])
#endif
#ifdef FROM_ECHO
#define leaseStart least(echoedAt[0], echoedAt[1])
#else
#define leaseStart sentAt[echoed]
#endif
#define hasLease (echoed > 0 && readerClock < leaseStart + TERM)

active proctype Time() {
end:
    do
    :: atomic {
        now < END ->
        now++;
        clock[0]++;
        clock[1]++;
        if
        :: readerClock++
        :: !hasLost -> hasLost = true
        fi;
        if
        :: !hasWon[0] -> hasWon[0] = true; clock[0]++
        :: skip
        fi;
        if
        :: !hasWon[1] -> hasWon[1] = true; clock[1]++
        :: skip
        fi
    }
    od
}

active proctype Reader() {
end:
    do
    :: d_step { beats < BEATS -> beats++; sentAt[beats] = readerClock }
#ifdef CHECK_EARLY
    :: hasLease -> assert(!goesOn)
#else
    :: d_step { hasLease -> assert(!goesOn) }
#endif
    od
}

inline grant(beat) {
    granted[me] = beat;
    grantedAt[me] = clock[me]
}

#ifdef ECHO_SUSPECTING
#define mayGrant true
#else
#define mayGrant !suspects[me]
#endif
#define isOver (clock[me] >= grantedAt[me] + GRANT)

proctype Grantor(byte me) {
end:
    do
    /* The last heartbeat arrives, or the one before it. */
    :: d_step { beats > granted[me] && mayGrant -> grant(beats) }
    :: d_step { beats > granted[me] + 1 && mayGrant -> grant(beats - 1) }
    /* An echo arrives when it likes. */
    :: d_step { granted[me] > echo[me] -> echo[me] = granted[me]; echoedAt[me] = readerClock }
    :: d_step { !suspects[me] && isOver -> suspects[me] = true }
#ifdef GONE_IS_DEAD
    :: d_step { !suspects[me] -> suspects[me] = true }
#endif
    /* Who restarts does not know what it has granted, and waits as if it had just done so. */
    :: d_step { restartsLeft > 0 && !suspects[me] -> restartsLeft--; grantedAt[me] = RESTARTED }
    /* Who wedges because another has needs no wait of its own. */
    :: d_step { suspects[1 - me] && !suspects[me] -> suspects[me] = true }
    :: d_step { suspects[me] && !goesOn -> goesOn = true }
    od
}

init { atomic { run Grantor(0); run Grantor(1) } }
