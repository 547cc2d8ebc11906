#ifndef LOCKSTEP_PROCESS_H
#define LOCKSTEP_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

// Nanoseconds of CLOCK_MONOTONIC.
int64_t lockstep_monotonic_ns(void);

// The same, as of the last tick of the kernel: a few milliseconds old at most, and cheaper.
int64_t lockstep_monotonic_coarse_ns(void);

// The clock that people set, in nanoseconds since the beginning of 1970.
int64_t lockstep_realtime_ns(void);

// Nanoseconds of processor time that this process has used.
int64_t lockstep_processor_ns(void);

// Makes the kernel end this process when the given parent is gone. -ESRCH: it is gone already.
int lockstep_die_with_parent(pid_t parent);

// What numbers of processes and threads mean to this process: those of another namespace mean something else. 0: not known.
uint64_t lockstep_process_namespace(void);

// The state of a thread, with the letter that /proc gives it: 'R' runs, or waits for a processor alone; 'D' waits
// inside the kernel, where no signal reaches it.
int lockstep_thread_state(pid_t thread);

// Gives the calling thread a name of up to 15 bytes, for debuggers and top.
void lockstep_name_thread(const char *name);

// Starts a program with its output, errors included, connected to the pipe end `output`; its input is closed.
int lockstep_spawn(const char *path, char *const arguments[], int output, pid_t *process);

// Waits for a child: its exit code, or 128 + the signal that ended it. With `block` 0: -EAGAIN if it still runs.
int lockstep_reap(pid_t process, int block);

#endif
