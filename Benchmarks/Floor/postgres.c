#include "CBenchmarkFloor.h"

#include <CLibPQ.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INT8_OID = 20 };

struct plue_floor_postgres {
    PGconn *conn;
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void put(int64_t value, char bytes[8]) {
    uint32_t high = htonl((uint32_t)((uint64_t)value >> 32)), low = htonl((uint32_t)value);
    memcpy(bytes, &high, 4);
    memcpy(bytes + 4, &low, 4);
}

static int64_t get(const char *bytes) {
    uint32_t high, low;
    memcpy(&high, bytes, 4);
    memcpy(&low, bytes + 4, 4);
    return (int64_t)((uint64_t)ntohl(high) << 32 | ntohl(low));
}

/// The one result of a statement, with the null after it taken; null unless it has `status`.
static PGresult *result(PGconn *conn, int status) {
    PGresult *found = plue_PQgetResult(conn);
    if (found == NULL) return NULL;
    PGresult *more;
    while ((more = plue_PQgetResult(conn)) != NULL) plue_PQclear(more);
    if (plue_PQresultStatus(found) == status) return found;
    plue_PQclear(found);
    return NULL;
}

static int done(PGconn *conn, int status) {
    PGresult *found = result(conn, status);
    if (found == NULL) return 0;
    plue_PQclear(found);
    return 1;
}

static int run(PGconn *conn, const char *sql) {
    PGresult *found = plue_PQexec(conn, sql);
    int status = plue_PQresultStatus(found);
    plue_PQclear(found);
    return status == PLUE_COMMAND_OK || status == PLUE_TUPLES_OK;
}

static int connected(PGconn *conn) {
    for (;;) {
        int state = plue_PQconnectPoll(conn);
        if (state == PLUE_POLLING_OK) return 1;
        if (state == PLUE_POLLING_FAILED) return 0;
        struct pollfd entry = {plue_PQsocket(conn), state == PLUE_POLLING_READING ? POLLIN : POLLOUT, 0};
        poll(&entry, 1, 10000);
    }
}

plue_floor_postgres *plue_floor_postgres_open(const char *connection, const char *setup) {
    if (plue_pq_load() != NULL) return NULL;
    plue_floor_postgres *floor = calloc(1, sizeof *floor);
    if (floor == NULL) return NULL;
    const char *keywords[] = {"dbname", NULL}, *values[] = {connection, NULL};
    floor->conn = plue_PQconnectStartParams(keywords, values, 1);
    Oid types[] = {INT8_OID}, inserted[] = {0, INT8_OID};
    if (floor->conn == NULL || !connected(floor->conn) || !run(floor->conn, setup) ||
        plue_PQsendPrepare(floor->conn, "s", "SELECT $1 AS v", 1, types) != 1 || !done(floor->conn, PLUE_COMMAND_OK) ||
        plue_PQsendPrepare(floor->conn, "i", "INSERT INTO bench_rows (name, number) VALUES ($1, $2)", 2, inserted) != 1 ||
        !done(floor->conn, PLUE_COMMAND_OK)) {
        plue_floor_postgres_close(floor);
        return NULL;
    }
    return floor;
}

void plue_floor_postgres_close(plue_floor_postgres *floor) {
    plue_PQfinish(floor->conn);
    free(floor);
}

static int sendSelect(PGconn *conn, int64_t value) {
    char bytes[8];
    put(value, bytes);
    const char *values[] = {bytes};
    int lengths[] = {8}, formats[] = {1};
    return plue_PQsendQueryPrepared(conn, "s", 1, values, lengths, formats, 1) == 1;
}

static int readSelect(PGconn *conn, int64_t value) {
    PGresult *found = result(conn, PLUE_TUPLES_OK);
    if (found == NULL) return 0;
    int equal = plue_PQntuples(found) == 1 && plue_PQgetisnull(found, 0, 0) == 0 &&
                plue_PQgetlength(found, 0, 0) == 8 && get(plue_PQgetvalue(found, 0, 0)) == value;
    plue_PQclear(found);
    return equal;
}

long long plue_floor_postgres_select(plue_floor_postgres *floor, int count) {
    long long began = now();
    for (int i = 0; i < count; i++) {
        if (!sendSelect(floor->conn, i) || !readSelect(floor->conn, i)) return -1;
    }
    return now() - began;
}

long long plue_floor_postgres_insert(plue_floor_postgres *floor, int count) {
    const char *name = "a name of twenty-two b";
    if (!run(floor->conn, "TRUNCATE bench_rows")) return -1;
    long long began = now();
    if (!run(floor->conn, "BEGIN")) return -1;
    for (int i = 0; i < count; i++) {
        char bytes[8];
        put(i, bytes);
        const char *values[] = {name, bytes};
        int lengths[] = {(int)strlen(name), 8}, formats[] = {0, 1};
        if (plue_PQsendQueryPrepared(floor->conn, "i", 2, values, lengths, formats, 1) != 1) return -1;
        PGresult *found = result(floor->conn, PLUE_COMMAND_OK);
        if (found == NULL) return -1;
        int changes = atoi(plue_PQcmdTuples(found));
        plue_PQclear(found);
        if (changes != 1) return -1;
    }
    if (!run(floor->conn, "COMMIT")) return -1;
    return now() - began;
}

long long plue_floor_postgres_pipeline(plue_floor_postgres *floor, int count, int batch) {
    if (plue_PQenterPipelineMode(floor->conn) != 1) return -1;
    long long began = now();
    for (int start = 0; start < count; start += batch) {
        int end = start + batch < count ? start + batch : count;
        for (int i = start; i < end; i++) {
            if (!sendSelect(floor->conn, i)) return -1;
        }
        if (plue_PQpipelineSync(floor->conn) != 1) return -1;
        for (int i = start; i < end; i++) {
            if (!readSelect(floor->conn, i)) return -1;
        }
        PGresult *sync = plue_PQgetResult(floor->conn);
        int status = plue_PQresultStatus(sync);
        plue_PQclear(sync);
        if (status != PLUE_PIPELINE_SYNC) return -1;
    }
    long long time = now() - began;
    return plue_PQexitPipelineMode(floor->conn) == 1 ? time : -1;
}
