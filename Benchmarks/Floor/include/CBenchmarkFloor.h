#ifndef C_BENCHMARK_FLOOR_H
#define C_BENCHMARK_FLOOR_H

#include <stddef.h>

// Plain C loops over the same libraries, with the same statements and settings as plue's own code, whose time is compared
// with theirs. Each function that runs them returns nanoseconds, or -1 after an error.

typedef struct plue_floor_sqlite plue_floor_sqlite;

/// Opens a file with the driver's pragmas and makes the table that is inserted into; null if it cannot.
plue_floor_sqlite *plue_floor_sqlite_open(const char *path);
void plue_floor_sqlite_close(plue_floor_sqlite *floor);
/// `SELECT ?`, prepared once.
long long plue_floor_sqlite_select(plue_floor_sqlite *floor, int count);
/// INSERT of a text and an integer in one transaction, prepared once; the table is emptied first, untimed.
long long plue_floor_sqlite_insert(plue_floor_sqlite *floor, int count);

typedef struct plue_floor_postgres plue_floor_postgres;

/// Connects, and runs `setup` (several statements); null if it cannot.
plue_floor_postgres *plue_floor_postgres_open(const char *connection, const char *setup);
void plue_floor_postgres_close(plue_floor_postgres *floor);
long long plue_floor_postgres_select(plue_floor_postgres *floor, int count);
long long plue_floor_postgres_insert(plue_floor_postgres *floor, int count);
/// `SELECT $1` in pipelines of `batch`.
long long plue_floor_postgres_pipeline(plue_floor_postgres *floor, int count, int batch);

/// Reads all events of a YAML text and keeps none.
long long plue_floor_yaml(const unsigned char *text, size_t size);

#endif
