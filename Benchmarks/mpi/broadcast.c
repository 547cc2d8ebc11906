// MPI_Bcast from rank 0 to all others, for as long as asked: what Lockstep's one-sender rows are compared with.
//
// It does the same work for each message as `lockstep perf multicast`: the root fills every byte, every receiver reads
// every byte. What it does not do: order messages of several senders, and tell anybody that the others hold a message.
//
//     mpirun -np 3 broadcast SIZE SECONDS

#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The first word of the message that ends the run. No sequence number comes so far.
static const uint64_t last = UINT64_MAX;

// Writes the number of the message into each of its words, and the number's first bytes into what is left.
static void fill(unsigned char *message, size_t size, uint64_t sequence) {
    size_t at = 0;
    for (; at + 8 <= size; at += 8) memcpy(message + at, &sequence, 8);
    memcpy(message + at, &sequence, size - at);
}

// The sum of the words of a message. What is left at the end counts as a word that goes on with zeros.
static uint64_t sum(const unsigned char *message, size_t size) {
    uint64_t total = 0, word;
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        memcpy(&word, message + at, 8);
        total += word;
    }
    word = 0;
    memcpy(&word, message + at, size - at);
    return total + word;
}

// What `sum` returns for a message that `fill` has made, without reading it.
static uint64_t expected(size_t size, uint64_t sequence) {
    uint64_t rest = 0;
    memcpy(&rest, &sequence, size % 8);
    return size / 8 * sequence + rest;
}

// Sends until the time is over: how many messages. The clock is read every few messages, because it costs as much as
// a small one.
static uint64_t send_all(unsigned char *message, size_t size, double seconds, uint64_t *total) {
    uint64_t sequence = 0, between = size < 16384 ? 16384 / size : 1;
    double end = MPI_Wtime() + seconds;
    do {
        for (uint64_t i = 0; i < between; i++, sequence++) {
            fill(message, size, sequence);
            *total += expected(size, sequence);
            MPI_Bcast(message, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD);
        }
    } while (MPI_Wtime() < end);
    memcpy(message, &last, 8);
    MPI_Bcast(message, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD);
    return sequence;
}

// Receives up to the message that ends the run: the sum of all before it.
static uint64_t receive_all(unsigned char *message, size_t size) {
    uint64_t total = 0, first;
    for (;;) {
        MPI_Bcast(message, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD);
        memcpy(&first, message, 8);
        if (first == last) return total;
        total += sum(message, size);
    }
}

// What the root knows after a run: the sums of what it has sent, and of what all others have received.
typedef struct {
    uint64_t messages, sent, received;
    double seconds;
} Result;

static Result run(unsigned char *message, size_t size, int rank, double seconds) {
    Result result = {0};
    uint64_t received = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    if (rank == 0) result.messages = send_all(message, size, seconds, &result.sent);
    else received = receive_all(message, size);
    // The root runs ahead of the receivers. The reduction ends when all of them have read everything.
    MPI_Reduce(&received, &result.received, 1, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
    result.seconds = MPI_Wtime() - start;
    return result;
}

int main(int count, char **arguments) {
    MPI_Init(&count, &arguments);
    int rank, members;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &members);
    long size = count == 3 ? atol(arguments[1]) : 0;
    double seconds = count == 3 ? atof(arguments[2]) : 0;
    if (size < 8 || size > 1 << 30 || seconds <= 0) {
        if (rank == 0) fprintf(stderr, "usage: broadcast SIZE SECONDS, with 8 to 1073741824 bytes\n");
        MPI_Finalize();
        return 2;
    }

    unsigned char *message = malloc((size_t)size);
    if (message == NULL) MPI_Abort(MPI_COMM_WORLD, 1);
    // The first run opens the connections and backs the memory; only the second counts.
    run(message, (size_t)size, rank, seconds / 10);
    Result result = run(message, (size_t)size, rank, seconds);
    free(message);
    MPI_Finalize();

    if (rank != 0) return 0;
    if (result.received != result.sent * (uint64_t)(members - 1)) {
        fprintf(stderr, "the receivers have read something else than was sent\n");
        return 1;
    }
    double rate = (double)result.messages / result.seconds;
    printf("{\"members\":%d,\"size\":%ld,\"messagesPerSecond\":%.1f,\"bytesPerSecond\":%.1f}\n", members, size, rate,
           rate * (double)size);
    return 0;
}
