// Locks of etcd, over its HTTP gateway: what `lockstep perf coordination` is compared with.
//
//     lock SECONDS ADDRESS PORT PORT PORT
//
// One client of the first server takes a lock that nobody else wants, and gives it back, again and again. Then a client of
// each server wants the same lock. Both are measured for so many seconds. The result is one line of JSON.

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lock.h"

enum { answerMax = 65536, samplesMax = 1 << 20 };

static double seconds;
static const char *host;

static void fail(const char *what) {
    fprintf(stderr, "etcd: %s\n", what);
    exit(1);
}

// A connection to one server, and the last answer on it.
struct client {
    int socket;
    char lease[32];
    char key[512];
    char answer[answerMax];
};

static void call(struct client *client, const char *path, const char *body) {
    char request[1024];
    int size = snprintf(
        request, sizeof request, "POST %s HTTP/1.1\r\nHost: etcd\r\nContent-Length: %zu\r\n\r\n%s", path, strlen(body), body);
    if (write(client->socket, request, (size_t)size) != size) fail("the server does not take a request");
    size_t count = 0;
    while (1) {
        ssize_t more = read(client->socket, client->answer + count, answerMax - 1 - count);
        if (more <= 0) fail("the server does not answer");
        count += (size_t)more;
        client->answer[count] = 0;
        const char *end = strstr(client->answer, "\r\n\r\n");
        if (!end) continue;
        const char *length = strcasestr(client->answer, "content-length:");
        if (!length || length > end) fail("the server gives an answer without a length");
        if (count >= (size_t)(end + 4 - client->answer) + strtoul(length + 15, NULL, 10)) break;
    }
    if (strncmp(client->answer, "HTTP/1.1 200", 12) != 0) fail(client->answer);
}

// Copies a text of the last answer.
static void take(const struct client *client, const char *name, char *value, size_t size) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
    const char *start = strstr(client->answer, quoted);
    if (!start) fail("the answer lacks something");
    start += strlen(quoted);
    size_t length = strcspn(start, "\"");
    if (length >= size) fail("the answer is too long");
    memcpy(value, start, length);
    value[length] = 0;
}

static struct client *connected(int port) {
    struct client *client = calloc(1, sizeof *client);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail("the address is none of IPv4");
    client->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("the server cannot be reached");
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    call(client, "/v3/lease/grant", "{\"TTL\":60}");
    take(client, "ID", client->lease, sizeof client->lease);
    return client;
}

static void acquire(struct client *client) {
    char body[128];
    // "report" in base 64.
    snprintf(body, sizeof body, "{\"name\":\"cmVwb3J0\",\"lease\":\"%s\"}", client->lease);
    call(client, "/v3/lock/lock", body);
    take(client, "key", client->key, sizeof client->key);
}

static void release(struct client *client) {
    char body[600];
    snprintf(body, sizeof body, "{\"key\":\"%s\"}", client->key);
    call(client, "/v3/lock/unlock", body);
}

static int64_t deadline;
// Written under the lock that is measured.
static uint64_t handovers;
static int lastOwner = -1;

static void *contend(void *port) {
    struct client *client = connected((int)(intptr_t)port);
    while (now() < deadline) {
        acquire(client);
        if (lastOwner != client->socket) handovers++;
        lastOwner = client->socket;
        release(client);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 6) fail("usage: lock SECONDS ADDRESS PORT PORT PORT");
    seconds = atof(arguments[1]);
    host = arguments[2];
    static int64_t acquired[samplesMax], released[samplesMax];
    size_t turns = 0;
    struct client *client = connected(atoi(arguments[3]));
    for (int64_t end = now() + (int64_t)(seconds * 1e9); now() < end && turns < samplesMax; turns++) {
        int64_t start = now();
        acquire(client);
        acquired[turns] = now() - start;
        release(client);
        released[turns] = now() - start;
    }
    deadline = now() + (int64_t)(seconds * 1e9);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, contend, (void *)(intptr_t)atoi(arguments[3 + i]));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    printf("{\"acquireNanoseconds\":%lld,\"acquireReleaseNanoseconds\":%lld,\"handoversPerSecond\":%.1f}\n",
           (long long)median(acquired, turns), (long long)median(released, turns), (double)handovers / seconds);
    return 0;
}
