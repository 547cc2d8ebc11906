/* Rules 1 and 2 left open: whatever members believe of each other, what they decide is one. */
#define isCrashed(j) false
#define mayRead(j) true
#define mayWedge true
#define mayFollow(rank) true
#define mayLead true
#define mayPropose true

/* Any majority of them, with the newcomer or without. */
inline choose() {
    do
    :: contains(next, 0) && suffices(next - only(0)) -> next = next - only(0)
    :: contains(next, 1) && suffices(next - only(1)) -> next = next - only(1)
    :: contains(next, 2) && suffices(next - only(2)) -> next = next - only(2)
    :: break
    od;
    if
    :: next = next + only(NEWCOMER)
    :: skip
    fi
}
