/*
 * What members know of each other: one row each, which its owner alone writes and the others read, late and one by one.
 *
 * seen(j) is the row of member j as `me` last read it, and `mine` is its own. A member acts on what it has read and on
 * nothing else. What is `hidden` matters only within one step.
 */
#define MEMBERS 3
#define NEWCOMER MEMBERS

typedef Row {
    unsigned received : 2;  /* messages that I hold; final once I am wedged */
    bool wedged;
    unsigned promised : 4;  /* I accept nothing from a lower ballot */
    unsigned accepted : 4;  /* the ballot of the value below, 0 for none */
    unsigned next : 4;      /* the value: the next members, */
    unsigned trim : 2;      /* and how far the view gets */
    bool decided;           /* the value is the decision */
    unsigned suspects : 3
};

Row rows[MEMBERS * MEMBERS];
#define rowOf(owner, reader) rows[(reader) * MEMBERS + (owner)]
#define seen(j) rowOf(j, me)
#define mine seen(me)

hidden byte k, best;

/* Sets of members are bits. */
#define only(k) (1 << (k))
#define contains(set, k) (((set) >> (k)) & 1)
#define everybody (only(MEMBERS) - 1)
#define count(set) (contains(set, 0) + contains(set, 1) + contains(set, 2))
#define setOf(holds) (holds(0) * only(0) + holds(1) * only(1) + holds(2) * only(2))
#define isMajority(set) (count(set) * 2 > MEMBERS)

/* For the next view. */
#ifdef SMALL_NEXT
#define suffices(set) (count(set) > 0)
#else
#define suffices(set) isMajority(set)
#endif

#define least(a, b) (a < b -> a : b)
#define greatest(a, b) (a > b -> a : b)

#define differ(a, b) \
    (a.received != b.received || a.wedged != b.wedged || a.promised != b.promised || a.accepted != b.accepted || \
    a.next != b.next || a.trim != b.trim || a.decided != b.decided || a.suspects != b.suspects)

/*
 * What a flag or number vouches for was pushed before it: so a row is read whole. With TORN, what one push carries comes
 * in any order, and some of it is read later.
 */
#ifdef TORN
#define copyWord(to, from) if :: to = from :: skip fi
#define reading atomic
#else
#define copyWord(to, from) to = from
#define reading d_step
#endif

inline copyValue(to, from) {
    to.next = from.next;
    to.trim = from.trim;
    to.accepted = from.accepted
}

inline copyRow(to, from) {
#ifdef FINAL_LATE
    if
    :: to.wedged == from.wedged -> to.received = from.received
    :: else
    fi;
#else
    to.received = from.received;
#endif
#ifdef VALUE_LATE
    if
    :: to.accepted == from.accepted -> copyValue(to, from)
    :: else -> to.accepted = from.accepted
    fi;
#else
#ifdef ACCEPTED_LATE
    if
    :: to.promised == from.promised || from.decided -> copyValue(to, from)
    :: else
    fi;
#else
    copyValue(to, from);
#endif
#endif
    copyWord(to.wedged, from.wedged);
    copyWord(to.promised, from.promised);
    to.decided = from.decided;
    to.suspects = from.suspects
}

inline forget(row) {
    row.received = 0;
    row.wedged = false;
    row.promised = 0;
    row.accepted = 0;
    row.next = 0;
    row.trim = 0;
    row.decided = false;
    row.suspects = 0
}
