#include "CBenchmarkFloor.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct plue_floor_sqlite {
    sqlite3 *db;
    sqlite3_stmt *select, *insert;
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

plue_floor_sqlite *plue_floor_sqlite_open(const char *path) {
    plue_floor_sqlite *floor = calloc(1, sizeof *floor);
    if (floor == NULL) return NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const char *setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                        "CREATE TABLE bench_rows (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number INTEGER NOT NULL)"
                        " STRICT";
    if (sqlite3_open_v2(path, &floor->db, flags, NULL) != SQLITE_OK ||
        sqlite3_exec(floor->db, setup, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(floor->db, "SELECT ? AS v", -1, SQLITE_PREPARE_PERSISTENT, &floor->select, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(floor->db, "INSERT INTO bench_rows (name, number) VALUES (?, ?)", -1,
                           SQLITE_PREPARE_PERSISTENT, &floor->insert, NULL) != SQLITE_OK) {
        plue_floor_sqlite_close(floor);
        return NULL;
    }
    return floor;
}

void plue_floor_sqlite_close(plue_floor_sqlite *floor) {
    sqlite3_finalize(floor->select);
    sqlite3_finalize(floor->insert);
    sqlite3_close_v2(floor->db);
    free(floor);
}

long long plue_floor_sqlite_select(plue_floor_sqlite *floor, int count) {
    long long began = now();
    for (int i = 0; i < count; i++) {
        if (sqlite3_bind_int64(floor->select, 1, i) != SQLITE_OK) return -1;
        if (sqlite3_step(floor->select) != SQLITE_ROW) return -1;
        if (sqlite3_column_type(floor->select, 0) != SQLITE_INTEGER) return -1;
        if (sqlite3_column_int64(floor->select, 0) != i) return -1;
        if (sqlite3_step(floor->select) != SQLITE_DONE) return -1;
        sqlite3_reset(floor->select);
        sqlite3_clear_bindings(floor->select);
    }
    return now() - began;
}

long long plue_floor_sqlite_insert(plue_floor_sqlite *floor, int count) {
    const char *name = "a name of twenty-two b";
    if (sqlite3_exec(floor->db, "DELETE FROM bench_rows", NULL, NULL, NULL) != SQLITE_OK) return -1;
    long long began = now();
    if (sqlite3_exec(floor->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return -1;
    for (int i = 0; i < count; i++) {
        if (sqlite3_bind_text64(floor->insert, 1, name, strlen(name), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK) return -1;
        if (sqlite3_bind_int64(floor->insert, 2, i) != SQLITE_OK) return -1;
        if (sqlite3_step(floor->insert) != SQLITE_DONE) return -1;
        if (sqlite3_changes64(floor->db) != 1) return -1;
        sqlite3_reset(floor->insert);
        sqlite3_clear_bindings(floor->insert);
    }
    if (sqlite3_exec(floor->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) return -1;
    return now() - began;
}
