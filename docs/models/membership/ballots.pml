/* Rules 4 to 6: one decision for the view, by ballots and a majority. */

/* ---- Rule 4: ballot b belongs to rank (b - 1) mod n. What is promised only grows, and nobody promises unwedged. */

#ifdef SHARED_BALLOTS
#define isOwner(j, ballot) true
#define myBallotAbove(ballot) ((ballot) + 1)
#else
#define isOwner(j, ballot) (((ballot) + MEMBERS - 1) % MEMBERS == (j))
#define myBallotAbove(ballot) ((ballot) + 1 + (me + MEMBERS - (ballot) % MEMBERS) % MEMBERS)
#endif
#ifdef PROMISE_UNWEDGED
#define mayPromise(j) true
#else
#define mayPromise(j) seen(j).wedged
#endif
#define highestPromised greatest(seen(0).promised, greatest(seen(1).promised, seen(2).promised))
#define supportsMe(j) (mayPromise(j) && seen(j).promised == mine.promised)
#define supporters setOf(supportsMe)

/* Who leads, and whom it takes. */
#ifdef LIVE
#include "hearing.pml"
#else
#include "anybody.pml"
#endif

inline promise() {
    if
#ifndef FOLLOW_NOBODY
    :: mayPromise(me) && highestPromised > mine.promised ->
        mine.promised = highestPromised;
        printf("%d promises ballot %d\n", me, mine.promised)
#endif
    :: else
    fi
}

inline takeBallot() {
    d_step {
        mayPromise(me) && mayLead && myBallotAbove(highestPromised) <= BALLOTS ->
        mine.promised = myBallotAbove(highestPromised);
        printf("%d takes ballot %d\n", me, mine.promised)
    }
}

/* ---- Rule 5: with the promise of a majority, one value for each ballot. */

#ifdef PROPOSE_TWICE
#define isFirst true
#define mayAdopt(k) (seen(k).accepted > 0 && seen(k).accepted != mine.promised)
#else
#define mayAdopt(k) (seen(k).accepted > 0)
#define isFirst (mine.accepted != mine.promised)
#endif
#ifdef PROPOSE_ALONE
#define isSupported true
#else
#define isSupported isMajority(supporters)
#endif

inline propose() {
    atomic {
        mayPromise(me) && mine.promised > 0 && isOwner(me, mine.promised) && isFirst && isSupported && mayPropose ->
        d_step { findAccepted() };
        if
        :: best < MEMBERS -> d_step { mine.next = seen(best).next; mine.trim = seen(best).trim }
        :: else -> next = supporters; choose(); d_step { findTrim(); mine.next = next; mine.trim = best; next = 0 }
        fi;
        mine.accepted = mine.promised;
        printf("%d proposes in ballot %d: members %d, trim %d\n", me, mine.accepted, mine.next, mine.trim)
    }
}

#ifdef ADOPT_LOWEST
#define isBetter(k) (best == MEMBERS || seen(k).accepted < seen(best).accepted)
#else
#define isBetter(k) (best == MEMBERS || seen(k).accepted > seen(best).accepted)
#endif

/* The supporter with the value to adopt. */
inline findAccepted() {
    best = MEMBERS;
    k = 0;
    do
#ifndef ADOPT_NOTHING
    :: k < MEMBERS && supportsMe(k) && mayAdopt(k) && isBetter(k) -> best = k; k++
#endif
    :: k < MEMBERS && !(supportsMe(k) && mayAdopt(k) && isBetter(k)) -> k++
    :: else -> break
    od
}

/* The least final of the next members. */
inline findTrim() {
    best = 3;
    k = 0;
    do
    :: k < MEMBERS && contains(next, k) -> best = least(best, seen(k).received); k++
    :: k < MEMBERS && !contains(next, k) -> k++
    :: else -> break
    od;
#ifdef TRIM_MOST
    best = greatest(contains(next, 0) * seen(0).received, contains(next, 1) * seen(1).received);
    best = greatest(best, contains(next, 2) * seen(2).received)
#endif
}

/* ---- Rule 6: accept from the owner, and know a decision when a majority has accepted in one ballot. */

#ifdef ACCEPT_BELOW
#define isAcceptable(ballot) true
#else
#define isAcceptable(ballot) (ballot >= mine.promised)
#endif
#ifdef ANY_BALLOT
#define acceptedIn(j, ballot) (seen(j).accepted > 0)
#else
#define acceptedIn(j, ballot) (seen(j).accepted == ballot)
#endif
#define acceptorsIn(ballot) (acceptedIn(0, ballot) + 2 * acceptedIn(1, ballot) + 4 * acceptedIn(2, ballot))
#ifdef NO_MAJORITY
#define countsDecision(j) (seen(j).accepted > 0)
#else
#define countsDecision(j) (seen(j).accepted > 0 && isMajority(acceptorsIn(seen(j).accepted)))
#endif
#ifdef TELL_NOBODY
#define knowsDecision(j) countsDecision(j)
#else
#define knowsDecision(j) (seen(j).decided || countsDecision(j))
#endif

inline accept(j) {
    d_step {
        me != j && mayPromise(me) && isOwner(j, seen(j).accepted) && seen(j).accepted > mine.accepted &&
            isAcceptable(seen(j).accepted) ->
        mine.next = seen(j).next;
        mine.trim = seen(j).trim;
        mine.accepted = seen(j).accepted;
        mine.promised = greatest(mine.promised, mine.accepted);
        printf("%d accepts ballot %d\n", me, mine.accepted)
    }
}

/* The row whose value is decided. */
inline findDecision() {
    best = MEMBERS;
    k = 0;
    do
    :: k < MEMBERS && knowsDecision(k) -> best = k; break
    :: k < MEMBERS && !knowsDecision(k) -> k++
    :: else -> break
    od
}
