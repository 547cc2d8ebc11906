/*
 * The end of one view of three members, and the decision on the next: rules 3 to 7 of the membership.
 *
 * Anybody may wedge, take a ballot and lead at any time, leave out whomever it likes, and stop at any time: every
 * crash, pause, cut link and wrong suspicion is among the runs. With LIVE, hearing.pml says who does what when, and
 * every run has to end well.
 * README.md says what the other definitions take out, and what is found then.
 */
#include "rows.pml"

#ifndef MESSAGES
#define MESSAGES 1
#endif
#ifndef BALLOTS
#ifdef LIVE
#define BALLOTS 6
#else
#define BALLOTS 4
#endif
#endif
#ifndef SENDER
#define SENDER 2
#endif

byte delivered[MEMBERS];

/* The first decision that anybody installed. */
bool isInstalled;
byte installedNext, installedTrim;

#include "ballots.pml"

/* ---- The multicast: a message is delivered when all members hold it. */

#ifdef MAJORITY_STABLE
#define isStable(n) (isMajority((seen(0).received >= n) + 2 * (seen(1).received >= n) + 4 * (seen(2).received >= n)))
#define stable (isStable(2) -> 2 : (isStable(1) -> 1 : 0))
#else
#define stable least(seen(0).received, least(seen(1).received, seen(2).received))
#endif

inline send() {
    d_step {
        me == SENDER && !mine.wedged && mine.received < MESSAGES ->
        mine.received++;
        printf("%d sends message %d\n", me, mine.received)
    }
}

inline read(j) {
    reading {
        me != j && mayRead(j) && differ(seen(j), rowOf(j, j)) ->
        copyRow(seen(j), rowOf(j, j));
        printf("%d reads the row of %d\n", me, j)
    }
}

inline receive() {
    if
#ifdef RECEIVE_WEDGED
    :: seen(SENDER).received > mine.received -> mine.received = seen(SENDER).received
#else
    :: seen(SENDER).received > mine.received && !mine.wedged -> mine.received = seen(SENDER).received
#endif
    :: else
    fi
}

/* Also when wedged. */
inline deliver() {
    if
    :: stable > delivered[me] ->
        delivered[me] = stable;
        printf("%d delivers message %d\n", me, stable);
        assert(!isInstalled || delivered[me] <= installedTrim)
    :: else
    fi
}

/* ---- Rule 3: finals, then `wedged`. Rule 4: the first ballot of the lowest rank that it hears is promised with it. */

inline wedge(rank) {
    d_step {
        !mine.wedged && mayWedge && mayFollow(rank) ->
        mine.wedged = true;
        mine.promised = greatest(mine.promised, rank + 1);
        printf("%d wedges with %d received, promises ballot %d\n", me, mine.received, mine.promised)
    }
}

/* ---- Rule 7: in the next view, deliver exactly to the trim. Out of it, deliver nothing more. */

inline install(j) {
    mine.next = seen(j).next;
    mine.trim = seen(j).trim;
    mine.decided = true;
    mine.wedged = true;
    printf("%d knows the decision: members %d, trim %d\n", me, mine.next, mine.trim);
    if
#ifdef EXCLUDED_INSTALLS
    :: true -> finish()
#else
    :: contains(mine.next, me) -> finish()
#endif
    :: else
    fi;
    if
#ifdef EXCLUDED_RESENDS
    :: me == SENDER -> resend()
#else
    :: me == SENDER && contains(mine.next, me) -> resend()
#endif
    :: else
    fi;
    checkInstalled();
    /* It will not look at the others again: fewer states. */
    k = 0;
    do
    :: k < MEMBERS && k != me -> forget(seen(k)); k++
    :: k == me -> k++
    :: else -> break
    od;
    k = 0
}

inline finish() {
    assert(mine.received >= mine.trim);
#ifdef DELIVER_ALL
    delivered[me] = mine.received
#else
    delivered[me] = mine.trim
#endif
}

/* What it has not delivered it sends again, so nobody may have delivered that or be going to. */
inline resend() { assert(delivered[me] >= mine.trim) }

inline checkInstalled() {
    assert(!isInstalled || (mine.next == installedNext && mine.trim == installedTrim));
    isInstalled = true;
    installedNext = mine.next;
    installedTrim = mine.trim;
    assert(count(mine.next) * 2 > MEMBERS);
    /* Of everybody, in or out: what was delivered, and so acknowledged, is in the trim. */
    assert(delivered[0] <= mine.trim && delivered[1] <= mine.trim && delivered[2] <= mine.trim)
}

/* Each turn is one step that it may take or not, and then what follows from it. */
proctype Member(byte me) {
    byte next;
end:
    do
    :: atomic {
        if
        :: send()
        :: read(0)
        :: read(1)
        :: read(2)
        :: wedge(0)
        :: wedge(1)
        :: wedge(2)
        :: takeBallot()
        :: propose()
        :: accept(0)
        :: accept(1)
        :: accept(2)
#ifdef LIVE
        :: crash()
        :: cutLink()
        :: suspect(0)
        :: suspect(1)
        :: suspect(2)
        :: hearAgain(0)
        :: hearAgain(1)
        :: hearAgain(2)
        :: giveUp()
#endif
        fi;
        d_step {
            receive();
            deliver();
            promise();
            findDecision();
            if
            :: best < MEMBERS -> install(best)
            :: else
            fi
        };
        if
        :: mine.decided || isCrashed(me) -> break
        :: else
        fi
    }
    od
}

init {
    atomic {
#ifdef LIVE
        select(crashesLeft : 0 .. CRASHES);
        select(doubtsLeft : 0 .. DOUBTS);
        select(cutsLeft : 0 .. CUTS);
#endif
        run Member(0);
        run Member(1);
        run Member(2)
    }
#ifdef LIVE
    ;
    checkAtRest()
#endif
}
