/*
 * Rules 1 and 2: who hears whom, who wedges, leads and follows. Every run comes to rest, and then everybody who hears
 * a majority knows the decision, and every call has its answer.
 */
#ifndef CRASHES
#define CRASHES 0
#endif
/* Wrong suspicions, which pass, and links cut in one direction, which stay so. */
#ifndef DOUBTS
#define DOUBTS 0
#endif
#ifndef CUTS
#define CUTS 0
#endif
#ifndef JOINS
#define JOINS 0
#endif

byte crashesLeft, doubtsLeft, cutsLeft;
byte crashed;
byte deafTo[MEMBERS];
bool isUnknown;             /* the sender has told its callers so */

#define isCrashed(j) contains(crashed, j)
#define reaches(from, to) (!contains(deafTo[to], from))
#ifdef NO_ECHO
#define hears(i, j) (!isCrashed(j) && reaches(j, i))
#else
#define hears(i, j) (!isCrashed(j) && reaches(j, i) && reaches(i, j))
#endif
#define mayRead(j) (!isCrashed(j) && reaches(j, me))

inline crash() { d_step { crashesLeft > 0 -> crashesLeft--; crashed = crashed + only(me); printf("%d crashes\n", me) } }

inline cutLink() {
    atomic {
        cutsLeft > 0 && deafTo[me] != everybody - only(me) ->
        cutsLeft--;
        if
        :: me != 0 && reaches(0, me) -> deafTo[me] = deafTo[me] + only(0)
        :: me != 1 && reaches(1, me) -> deafTo[me] = deafTo[me] + only(1)
        :: me != 2 && reaches(2, me) -> deafTo[me] = deafTo[me] + only(2)
        fi
    }
}

/* ---- Rule 1: a suspicion is a hint, which passes. */

#define suspectsOf(j) seen(j).suspects
#define iSuspect(j) contains(mine.suspects, j)
#define accuse(i, j) (contains(suspectsOf(i), j) || contains(suspectsOf(j), i))
#ifdef SPREADING
#define isAccused(j) (contains(suspectsOf(0) | suspectsOf(1) | suspectsOf(2), j))
#define hint(j) (!hears(me, j) || isAccused(j))
#else
#define hint(j) (!hears(me, j))
#endif

inline suspect(j) {
    d_step {
        me != j && !iSuspect(j) && (hint(j) || doubtsLeft > 0) ->
        doubtsLeft = doubtsLeft - (hint(j) -> 0 : 1);
        mine.suspects = mine.suspects + only(j);
        printf("%d suspects %d\n", me, j)
    }
}

inline hearAgain(j) {
#ifdef SUSPECT_FOR_GOOD
    false
#else
    d_step { me != j && iSuspect(j) && !hint(j) -> mine.suspects = mine.suspects - only(j); printf("%d hears %d again\n", me, j) }
#endif
}

/* The lowest rank that it hears and may follow. */
#define hearsMajority(j) (isMajority(everybody - suspectsOf(j)))
#ifdef LEAD_ANYWAY
#define canDecide(j) true
#else
#define canDecide(j) hearsMajority(j)
#endif
#define isHeard(j) (!iSuspect(j) && (me == j || canDecide(j)))
#define lowest (isHeard(0) -> 0 : (isHeard(1) -> 1 : 2))
#define isLeader (lowest == me && canDecide(me))

/* ---- Rule 2: who hears no majority says so to its callers. */

inline giveUp() {
#ifdef KEEP_WAITING
    false
#else
    d_step { me == SENDER && !hearsMajority(me) && !isUnknown -> isUnknown = true }
#endif
}

/* ---- Rules 3 to 5: when, and whom. */

#ifdef WEDGE_ALONE
#define seesWedged false
#else
#define seesWedged (seen(0).wedged || seen(1).wedged || seen(2).wedged)
#endif
#define mayWedge (mine.suspects || seesWedged || (JOINS && isLeader))
#define mayFollow(rank) (rank == lowest)
#define highestIsMine (highestPromised > 0 && isOwner(me, highestPromised))
#ifdef NEVER_OUTBID
#define mayLead false
#else
#define mayLead (isLeader && !highestIsMine)
#endif

/* In rank order behind itself. */
#define second (me == 0 -> 1 : 0)
#define third (me == 2 -> 1 : 2)
#ifdef TAKE_ACCUSERS
#define fits(i, j) supportsMe(j)
#else
#define fits(i, j) (supportsMe(j) && !accuse(i, j))
#endif
#define takesSecond fits(me, second)
#define takesThird (fits(me, third) && (!takesSecond || fits(second, third)))
#define chosen (only(me) + takesSecond * only(second) + takesThird * only(third))
#ifdef PROPOSE_EARLY
#define hasAll true
#else
#define hasAll (((everybody - mine.suspects) & ~supporters) == 0)
#endif
/* An accusation is confirmed by time, or passes, or lasts because the link is cut. */
#define isLasting(i, j) (!isCrashed(i) && !isCrashed(j) && !(reaches(i, j) && reaches(j, i)))
#ifdef PROPOSE_UNSETTLED
#define isSettled(i, j) true
#else
#define isSettled(i, j) (iSuspect(i) || iSuspect(j) || !accuse(i, j) || isLasting(i, j))
#endif
#define mayPropose \
    (hasAll && isSettled(me, second) && isSettled(me, third) && isSettled(second, third) && isMajority(chosen))

#define bothIn(i, j) (contains(next, i) && contains(next, j) && accuse(i, j))

inline choose() {
    next = chosen + JOINS * only(NEWCOMER);
    assert(!bothIn(0, 1) && !bothIn(0, 2) && !bothIn(1, 2))
}

/* ---- At rest. */

#define rowOfItself(j) rowOf(j, j)
#define needsChange (crashed || JOINS || rowOfItself(0).wedged || rowOfItself(1).wedged || rowOfItself(2).wedged)
#define isHeardBy(i, j) (i == j || hears(j, i))
#define heardBy(j) (isHeardBy(0, j) + 2 * isHeardBy(1, j) + 4 * isHeardBy(2, j))
#define isDone(j) (isCrashed(j) || rowOfItself(j).decided || !needsChange || !isMajority(heardBy(j)))
#define isRight(j) (isCrashed(j) || rowOfItself(j).decided || rowOfItself(j).suspects == everybody - heardBy(j))
#define isSpent(j) (rowOfItself(j).promised + MEMBERS > BALLOTS)
#define isAnswered \
    (isCrashed(SENDER) || isUnknown || rowOfItself(SENDER).decided || delivered[SENDER] == rowOfItself(SENDER).received)
#define isKept(j) (isCrashed(j) || contains(installedNext, j))

inline checkAtRest() {
    timeout ->
    assert(isRight(0) && isRight(1) && isRight(2));
    if
    :: isSpent(0) || isSpent(1) || isSpent(2)
    :: else ->
        assert(isDone(0) && isDone(1) && isDone(2));
        assert(isAnswered);
        assert(!isInstalled || DOUBTS > 0 || CUTS > 0 || (isKept(0) && isKept(1) && isKept(2)))
    fi
}
