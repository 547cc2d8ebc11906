// What Swift cannot import from Linux: system calls without a wrapper, variadic calls, macros and libraries
// that may be absent. Every function returns 0 (or a value) on success and -errno on failure.
#ifndef CLOCKSTEP_H
#define CLOCKSTEP_H

#ifndef __linux__
#error "Lockstep runs on Linux only, for now."
#endif

#include "lockstep_core.h"
#include "lockstep_futex.h"
#include "lockstep_life.h"
#include "lockstep_memory.h"
#include "lockstep_process.h"
#include "lockstep_socket.h"
#include "lockstep_topology.h"
#include "lockstep_verbs.h"

#endif
