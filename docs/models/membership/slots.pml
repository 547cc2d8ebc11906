/*
 * Rule 8: several changes in a row, with room in each node's row for two views. How one change is decided is in
 * epoch.pml: here somebody decides in one step, as soon as a majority of the view could have.
 * README.md says what the definitions take out, and what is found then.
 */
#ifndef CHANGES
#define CHANGES 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef JOINS
#define JOINS 0
#endif
/* Nodes 0 to 2 are the first view, and node 3 is a newcomer, with JOINS. */
#define NODES 4
#define NEWCOMER 3

#ifdef ONE_SLOT
#define slotOf(view) 0
#else
#define slotOf(view) ((view) % 2)
#endif

/* Of each slot: the view that uses it, and whether the decision on the next one is there. */
typedef Row {
    byte tag[2];
    bool decided[2]
};

Row rows[NODES * NODES];
#define rowOf(owner, reader) rows[(reader) * NODES + (owner)]
#define seen(j) rowOf(j, me)
#define mine seen(me)

/* Views count from 1, and 0 is none yet. There is one decision on each, so it is kept here once. */
byte members[CHANGES + 2];
byte views[NODES];
#define view views[me]
byte wedged, out, crashed, crashesLeft;

hidden byte k;

#define only(k) (1 << (k))
#define contains(set, k) (((set) >> (k)) & 1)
#define count(set) (contains(set, 0) + contains(set, 1) + contains(set, 2) + contains(set, 3))
#define isUp(j) (!contains(crashed, j))

#define differ(a, b) \
    (a.tag[0] != b.tag[0] || a.tag[1] != b.tag[1] || a.decided[0] != b.decided[0] || a.decided[1] != b.decided[1])

inline read(j) {
    d_step {
        me != j && isUp(j) && view <= CHANGES && differ(seen(j), rowOf(j, j)) ->
        seen(j).tag[0] = rowOf(j, j).tag[0];
        seen(j).tag[1] = rowOf(j, j).tag[1];
        seen(j).decided[0] = rowOf(j, j).decided[0];
        seen(j).decided[1] = rowOf(j, j).decided[1];
        printf("%d reads the row of %d\n", me, j)
    }
}

inline crash() { d_step { crashesLeft > 0 -> crashesLeft--; crashed = crashed + only(me); printf("%d crashes\n", me) } }

inline wedge() {
    d_step {
        view > 0 && view <= CHANGES && !contains(wedged, me) ->
        wedged = wedged + only(me);
        printf("%d wedges view %d\n", me, view)
    }
}

/* ---- The decision on the view after mine. */

/* A ballot can be finished with those who are up and whose slot of this view is not used again. */
#define votes(j) (contains(members[view], j) && isUp(j) && rowOf(j, j).tag[slotOf(view)] == view)
#define canDecide \
    (contains(wedged, me) && view <= CHANGES && (votes(0) + votes(1) + votes(2) + votes(3)) * 2 > count(members[view]))

#ifdef TAKE_UNWEDGED
#define mayBeNext(j) contains(members[view], j)
#else
#define mayBeNext(j) (contains(members[view], j) && contains(wedged, j) && views[j] == view)
#endif
#define candidates (mayBeNext(0) + 2 * mayBeNext(1) + 4 * mayBeNext(2) + 8 * mayBeNext(3))
#define mayDrop(j) (me != j && contains(next, j) && count(next - only(j)) * 2 > count(members[view]))

inline decide() {
    atomic {
        canDecide && members[view + 1] == 0 && count(candidates) * 2 > count(members[view]) ->
        next = candidates;
        do
        :: mayDrop(0) -> next = next - only(0)
        :: mayDrop(1) -> next = next - only(1)
        :: mayDrop(2) -> next = next - only(2)
        :: mayDrop(3) -> next = next - only(3)
        :: break
        od;
        if
        :: JOINS && views[NEWCOMER] == 0 && !contains(next, NEWCOMER) -> next = next + only(NEWCOMER)
        :: skip
        fi;
        members[view + 1] = next;
        next = 0;
        printf("%d decides: view %d has members %d\n", me, view + 1, members[view + 1]);
        d_step { install() }
    }
}

/* From a ballot that finds the decision, or from a row that tells it. */
#ifdef UNTAGGED
#define tells(j) (seen(j).decided[slotOf(view)])
#else
#define tells(j) (seen(j).tag[slotOf(view)] == view && seen(j).decided[slotOf(view)])
#endif

inline learn() {
    d_step { view > 0 && canDecide && members[view + 1] != 0 -> install() }
}

inline install() {
    mine.decided[slotOf(view)] = true;
    if
    :: contains(members[view + 1], me) -> enter(view + 1)
    :: else -> leave()
    fi
}

inline enter(next) {
    view = next;
    wedged = wedged & ~only(me);
    mine.tag[slotOf(view)] = view;
    mine.decided[slotOf(view)] = false;
    printf("%d installs view %d\n", me, view)
}

inline leave() {
    out = out + only(me);
    printf("%d is excluded\n", me)
}

/* Who waits and sees its slot used again is out. It must not be one of those who use it. */
#define isPassed(j) (seen(j).tag[slotOf(view)] > view)

inline settle() {
    k = 0;
    do
    :: k < NODES && k != me && view > 0 && !contains(out, me) && tells(k) ->
        assert(seen(k).tag[slotOf(view)] == view);
        install();
        k = 0
    :: k < NODES && k != me && view > 0 && !contains(out, me) && !tells(k) && isPassed(k) ->
        assert(!contains(members[seen(k).tag[slotOf(view)]], me));
        leave()
    :: k < NODES && (k == me || view == 0 || contains(out, me) || !(tells(k) || isPassed(k))) -> k++
    :: else -> break
    od
}

/* It will not look at the others again: fewer states. */
inline forget(j) {
    if
    :: me != j ->
        seen(j).tag[0] = 0;
        seen(j).tag[1] = 0;
        seen(j).decided[0] = false;
        seen(j).decided[1] = false
    :: else
    fi
}

inline join(j, slot) {
    d_step {
        view == 0 && seen(j).decided[slot] && contains(members[seen(j).tag[slot] + 1], me) ->
        enter(seen(j).tag[slot] + 1)
    }
}

proctype Node(byte me) {
    byte next;
end:
    do
    :: atomic {
        if
        :: read(0)
        :: read(1)
        :: read(2)
        :: read(3)
        :: crash()
        :: wedge()
        :: decide()
        :: learn()
        :: join(0, 0)
        :: join(0, 1)
        :: join(1, 0)
        :: join(1, 1)
        :: join(2, 0)
        :: join(2, 1)
        fi;
        d_step {
            settle();
            if
            :: contains(out | crashed, me) || view > CHANGES -> forget(0); forget(1); forget(2); forget(3)
            :: else
            fi
        };
        if
        :: contains(out | crashed, me) -> break
        :: else
        fi
    }
    od
}

#define isBehind(i, j) (views[i] > 0 && views[i] < views[j] && !contains(out | crashed, i) && !contains(out | crashed, j))

init {
    atomic {
        select(crashesLeft : 0 .. CRASHES);
        members[1] = only(0) + only(1) + only(2);
        do
        :: k < NODES && k != NEWCOMER -> views[k] = 1; rowOf(k, k).tag[slotOf(1)] = 1; k++
        :: k == NEWCOMER -> k++
        :: else -> break
        od;
        k = 0;
        run Node(0);
        run Node(1);
        run Node(2);
        if
        :: JOINS -> run Node(3)
        :: else
        fi
    };
    /* At rest nobody waits in a view that others have left. */
    timeout ->
    assert(!isBehind(0, 1) && !isBehind(0, 2) && !isBehind(0, 3) && !isBehind(1, 0) && !isBehind(1, 2) && !isBehind(1, 3));
    assert(!isBehind(2, 0) && !isBehind(2, 1) && !isBehind(2, 3) && !isBehind(3, 0) && !isBehind(3, 1) && !isBehind(3, 2))
}
