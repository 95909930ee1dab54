#pragma once
#include <sqlite3.h>

// A macro that casts an integer to a function pointer is not imported into Swift.
static inline sqlite3_destructor_type plue_sqlite_transient(void) { return SQLITE_TRANSIENT; }
