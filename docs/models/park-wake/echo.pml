/*
 * Park and wake between hosts: two nodes that push to each other over a device, and park. Nobody sees the other's memory,
 * only what has arrived of it: in order, and as late as it likes. README.md says what the definitions leave out, and
 * what is found then.
 *
 * Each node has a word at the other: its own number, which is odd while it parks or is about to, and the last number of
 * the other that it has seen, the echo.
 */
#ifndef MESSAGES
#define MESSAGES 1
#endif
#ifndef OTHER_MESSAGES
#define OTHER_MESSAGES MESSAGES
#endif
#define DEPTH 24

/* What each node has to say. */
#define messagesOf(node) ((node) == 0 -> MESSAGES : OTHER_MESSAGES)

#define isOdd(number) ((number) % 2 == 1)

/* What is on its way to a node: words, data, and data that gives a completion there. */
mtype = { WORD, DATA, WAKING };
chan wire[2] = [DEPTH] of { mtype, byte, byte };

/* What has arrived at a node. */
byte theirNumber[2], theirEcho[2];
byte arrived[2], completions[2];
/* The next completion is announced, which ends the node's sleep. */
bool armed[2], announced[2];

proctype Device(byte me) {
    byte number, echo;
end:
    do
    :: d_step { wire[me] ? WORD, number, echo -> theirNumber[me] = number; theirEcho[me] = echo; number = 0; echo = 0 }
    :: d_step { wire[me] ? DATA, _, _ -> arrived[me]++ }
    :: wire[me] ? WAKING, _, _ ->
        arrived[me]++;
        d_step {
            completions[me]++;
            if
            :: armed[me] -> armed[me] = false; announced[me] = true
            :: else
            fi
        }
    od
}

inline post(kind) { d_step { assert(nfull(wire[1 - me])); wire[1 - me] ! kind, number, seenNumber } }

/* Takes the completions that are there. */
inline takeWakes() {
    d_step {
        wasWoken = completions[me] > 0;
        completions[me] = 0;
#ifndef KEEP_NUMBER
        isSpent = isSpent || wasWoken
#endif
    }
}

/* Takes the other's word, and echoes an odd number. */
inline readWord() {
    if
    :: atomic { theirNumber[me] != seenNumber ->
        seenNumber = theirNumber[me];
        if
        :: isOdd(seenNumber) -> owesWake = true; post(WORD)
        :: else
        fi }
    :: theirNumber[me] == seenNumber
    fi
}

/* What has to be so that the other wakes this node, whatever it pushes from here on. */
#if defined(NO_ECHO)
#define maySleep true
#elif defined(ASK_SLEEPERS)
#define maySleep (theirEcho[me] == number)
#else
#define maySleep (theirEcho[me] == number || isOdd(theirNumber[me]))
#endif

proctype Node(byte me) {
    byte number, seenNumber, sent, seen;
    bool owesWake, isSpent, wasWoken;
turn:
    /* Until the wake-up is armed nothing depends on what arrives between two looks. */
    atomic {
        readWord();
        seen = arrived[me];
        if
        :: sent < messagesOf(me) ->
            sent++;
            if
            :: isOdd(number) ->
                number++;
#ifndef NO_CERTAIN
                owesWake = true;
#endif
#ifndef SAY_NOTHING
                post(WORD)
#endif
            :: else
            fi;
            if
            :: owesWake -> owesWake = false; post(WAKING)
            :: else -> post(DATA)
            fi;
            goto turn
        :: true
        fi
    };
    atomic {
        announced[me] = false;
        takeWakes();
        readWord();
        if
        :: !isOdd(number) -> number++; isSpent = false; post(WORD)
        :: isOdd(number) && isSpent -> number = number + 2; isSpent = false; post(WORD)
        :: else
        fi;
        wasWoken = false
    };
#ifndef ARM_LATE
    armed[me] = true;
#endif
#ifndef NO_RECHECK
    takeWakes();
    if
    :: atomic { wasWoken -> wasWoken = false; goto turn }
    :: !wasWoken
    fi;
    readWord();
#endif
    if
    :: maySleep
    :: !maySleep -> goto turns
    fi;
#ifndef NO_RECHECK
    if
    :: arrived[me] > seen -> goto turn
    :: arrived[me] == seen
    fi;
#endif
#ifdef ARM_LATE
    armed[me] = true;
#endif
    if
    :: seen == messagesOf(1 - me) && sent == messagesOf(me) -> goto end_rests
    :: else -> goto sleeps
    fi;

end_rests:
    announced[me] -> goto turn;
    /* Who has messages left wakes up by its deadline. */
sleeps:
    if
    :: announced[me]
    :: sent < messagesOf(me)
    fi;
    goto turn;
    /* It may not sleep yet, and goes on turning: what it waits for must come. */
turns:
    if
    :: theirNumber[me] != seenNumber || maySleep || arrived[me] > seen || completions[me] > 0 || sent < messagesOf(me)
    fi;
    goto turn
}

init {
    atomic {
        run Device(0); run Device(1);
        run Node(0); run Node(1)
    }
}
