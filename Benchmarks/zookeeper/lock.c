// Locks of ZooKeeper, as its recipes have them: what `lockstep perf coordination` is compared with.
//
//     lock SECONDS ADDRESS PORT PORT PORT
//
// One client of the first server takes a lock that nobody else wants, and gives it back, again and again. Then a client of
// each server wants the same lock, and then all three meet at a barrier. Each is measured for so many seconds. The result is
// one line of JSON.

// So that calls may wait.
#define THREADED

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zookeeper/zookeeper.h>

#include "../lock.h"

enum { clients = 3, samplesMax = 1 << 20 };

static void fail(const char *what) {
    fprintf(stderr, "ZooKeeper: %s\n", what);
    exit(1);
}

// Somebody who waits until a watch tells something.
struct client {
    zhandle_t *session;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int isConnected;
    int news;
    char path[256];
};

static void watch(zhandle_t *session, int type, int state, const char *path, void *context) {
    (void)session;
    (void)path;
    struct client *client = context;
    pthread_mutex_lock(&client->mutex);
    if (type == ZOO_SESSION_EVENT) {
        client->isConnected = state == ZOO_CONNECTED_STATE;
    } else {
        client->news = 1;
    }
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->mutex);
}

static const char *host;

static struct client *connected(const char *port) {
    struct client *client = calloc(1, sizeof *client);
    pthread_mutex_init(&client->mutex, NULL);
    pthread_cond_init(&client->changed, NULL);
    char address[64];
    snprintf(address, sizeof address, "%s:%s", host, port);
    client->session = zookeeper_init(address, watch, 30000, NULL, client, 0);
    if (!client->session) fail("no session");
    pthread_mutex_lock(&client->mutex);
    while (!client->isConnected) pthread_cond_wait(&client->changed, &client->mutex);
    pthread_mutex_unlock(&client->mutex);
    return client;
}

static void waitForNews(struct client *client) {
    pthread_mutex_lock(&client->mutex);
    while (!client->news) pthread_cond_wait(&client->changed, &client->mutex);
    pthread_mutex_unlock(&client->mutex);
}

static void makeFolder(struct client *client, const char *path) {
    int result = zoo_create(client->session, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
    if (result != ZOK && result != ZNODEEXISTS) fail("a node cannot be made");
}

// The lowest number has the lock; the others each wait for the one before.
static void acquire(struct client *client) {
    if (zoo_create(client->session, "/lock/turn-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL | ZOO_SEQUENCE, client->path,
                   sizeof client->path) != ZOK) {
        fail("a place in the queue cannot be had");
    }
    const char *own = strrchr(client->path, '/') + 1;
    while (1) {
        struct String_vector places;
        if (zoo_get_children(client->session, "/lock", 0, &places) != ZOK) fail("the queue cannot be read");
        char before[256] = "";
        for (int i = 0; i < places.count; i++) {
            const char *place = places.data[i];
            if (strcmp(place, own) < 0 && strcmp(place, strrchr(before, '/') ? strrchr(before, '/') + 1 : "") > 0) {
                snprintf(before, sizeof before, "/lock/%s", place);
            }
        }
        deallocate_String_vector(&places);
        if (!before[0]) return;
        client->news = 0;
        if (zoo_wexists(client->session, before, watch, client, NULL) == ZOK) waitForNews(client);
    }
}

static void release(struct client *client) {
    if (zoo_delete(client->session, client->path, -1) != ZOK) fail("the lock cannot be given back");
}

// A round is over when all have made their nodes; the last one makes another, which the others watch.
static void meet(struct client *client, uint64_t round, int number) {
    char folder[64], ready[80], place[80];
    snprintf(folder, sizeof folder, "/barrier/%llu", (unsigned long long)round);
    snprintf(ready, sizeof ready, "%s-ready", folder);
    snprintf(place, sizeof place, "%s/%d", folder, number);
    makeFolder(client, folder);
    client->news = 0;
    int isReady = zoo_wexists(client->session, ready, watch, client, NULL) == ZOK;
    makeFolder(client, place);
    struct String_vector places;
    if (zoo_get_children(client->session, folder, 0, &places) != ZOK) fail("the barrier cannot be read");
    int isLast = places.count == clients;
    deallocate_String_vector(&places);
    if (isLast) {
        makeFolder(client, ready);
    } else if (!isReady) {
        waitForNews(client);
    }
}

static double seconds;
static char **ports;
static pthread_barrier_t together;
// Written under the lock that is measured.
static uint64_t handovers;
static void *lastOwner;
static int64_t meetings[samplesMax];
static size_t rounds;
static volatile uint64_t lastRound = UINT64_MAX;

static void *contend(void *argument) {
    int number = (int)(intptr_t)argument;
    struct client *client = connected(ports[number]);
    pthread_barrier_wait(&together);
    for (int64_t end = now() + (int64_t)(seconds * 1e9); now() < end;) {
        acquire(client);
        if (lastOwner != client) handovers++;
        lastOwner = client;
        release(client);
    }
    pthread_barrier_wait(&together);
    int64_t end = now() + (int64_t)(seconds * 1e9);
    for (uint64_t round = 0; round <= lastRound; round++) {
        int64_t start = now();
        // The first says in time which round is the last.
        if (number == 0 && start >= end && lastRound == UINT64_MAX) lastRound = round + 1;
        meet(client, round, number);
        if (number == 0 && rounds < samplesMax) meetings[rounds++] = now() - start;
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3 + clients) fail("usage: lock SECONDS ADDRESS PORT PORT PORT");
    seconds = atof(arguments[1]);
    host = arguments[2];
    ports = arguments + 3;
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    static int64_t acquired[samplesMax], released[samplesMax];
    size_t turns = 0;
    struct client *client = connected(ports[0]);
    makeFolder(client, "/lock");
    makeFolder(client, "/barrier");
    for (int64_t end = now() + (int64_t)(seconds * 1e9); now() < end && turns < samplesMax; turns++) {
        int64_t start = now();
        acquire(client);
        acquired[turns] = now() - start;
        release(client);
        released[turns] = now() - start;
    }
    pthread_barrier_init(&together, NULL, clients);
    pthread_t threads[clients];
    for (intptr_t i = 0; i < clients; i++) pthread_create(&threads[i], NULL, contend, (void *)i);
    for (int i = 0; i < clients; i++) pthread_join(threads[i], NULL);
    printf("{\"acquireNanoseconds\":%lld,\"acquireReleaseNanoseconds\":%lld,\"handoversPerSecond\":%.1f,"
           "\"barrierNanoseconds\":%lld}\n",
           (long long)median(acquired, turns), (long long)median(released, turns), (double)handovers / seconds,
           (long long)median(meetings, rounds));
    return 0;
}
