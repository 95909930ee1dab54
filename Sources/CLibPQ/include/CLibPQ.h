#ifndef CLIBPQ_H
#define CLIBPQ_H

// PostgreSQL's client library, loaded at first use: plue starts without it. The prototypes are those of libpq-fe.h
// (https://www.postgresql.org/docs/current/libpq.html), whose interface is stable since libpq 14.

#include <stddef.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
typedef struct pg_cancel PGcancel;
typedef unsigned int Oid;

typedef struct PGnotify {
    char *relname;
    int be_pid;
    char *extra;
    struct PGnotify *next;
} PGnotify;

typedef struct PQconninfoOption {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} PQconninfoOption;

// ConnStatusType
enum { PLUE_CONNECTION_OK = 0, PLUE_CONNECTION_BAD = 1 };
// PostgresPollingStatusType
enum { PLUE_POLLING_FAILED = 0, PLUE_POLLING_READING = 1, PLUE_POLLING_WRITING = 2, PLUE_POLLING_OK = 3 };
// ExecStatusType
enum {
    PLUE_EMPTY_QUERY = 0,
    PLUE_COMMAND_OK = 1,
    PLUE_TUPLES_OK = 2,
    PLUE_COPY_OUT = 3,
    PLUE_COPY_IN = 4,
    PLUE_PIPELINE_SYNC = 10,
    PLUE_PIPELINE_ABORTED = 11
};
// PGTransactionStatusType
enum { PLUE_TRANS_IDLE = 0, PLUE_TRANS_ACTIVE = 1, PLUE_TRANS_INTRANS = 2, PLUE_TRANS_INERROR = 3 };
// PGVerbosity
enum { PLUE_ERRORS_VERBOSE = 2 };

/// Null once libpq is loaded; else why it cannot be, in words. The text lives as long as the process.
const char *plue_pq_load(void);

/// Notices of the server are dropped; libpq would print them.
void plue_pq_drop_notices(PGconn *conn);

// Each forwards to the function of its name; only after `plue_pq_load` gave null.
PGconn *plue_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand_dbname);
int plue_PQconnectPoll(PGconn *conn);
PQconninfoOption *plue_PQconninfoParse(const char *conninfo, char **errmsg);
void plue_PQconninfoFree(PQconninfoOption *options);
void plue_PQfreemem(void *memory);
void plue_PQfinish(PGconn *conn);
int plue_PQstatus(const PGconn *conn);
int plue_PQtransactionStatus(const PGconn *conn);
const char *plue_PQparameterStatus(const PGconn *conn, const char *name);
int plue_PQserverVersion(const PGconn *conn);
char *plue_PQerrorMessage(const PGconn *conn);
int plue_PQsocket(const PGconn *conn);
char *plue_PQhost(const PGconn *conn);
char *plue_PQport(const PGconn *conn);
int plue_PQsetErrorVerbosity(PGconn *conn, int verbosity);
PGcancel *plue_PQgetCancel(PGconn *conn);
void plue_PQfreeCancel(PGcancel *cancel);
int plue_PQcancel(PGcancel *cancel, char *errbuf, int errbufsize);
PGresult *plue_PQexec(PGconn *conn, const char *query);
int plue_PQsendQueryParams(PGconn *conn, const char *command, int n, const Oid *types, const char *const *values,
                           const int *lengths, const int *formats, int result_format);
int plue_PQsendPrepare(PGconn *conn, const char *name, const char *query, int n, const Oid *types);
int plue_PQsendQueryPrepared(PGconn *conn, const char *name, int n, const char *const *values, const int *lengths,
                             const int *formats, int result_format);
int plue_PQsendDescribePrepared(PGconn *conn, const char *name);
PGresult *plue_PQgetResult(PGconn *conn);
int plue_PQconsumeInput(PGconn *conn);
PGnotify *plue_PQnotifies(PGconn *conn);
int plue_PQflush(PGconn *conn);
int plue_PQpipelineStatus(const PGconn *conn);
int plue_PQenterPipelineMode(PGconn *conn);
int plue_PQexitPipelineMode(PGconn *conn);
int plue_PQpipelineSync(PGconn *conn);
int plue_PQsendFlushRequest(PGconn *conn);
int plue_PQputCopyData(PGconn *conn, const char *buffer, int length);
int plue_PQputCopyEnd(PGconn *conn, const char *error);
int plue_PQresultStatus(const PGresult *result);
char *plue_PQresultErrorField(const PGresult *result, int field);
char *plue_PQresultErrorMessage(const PGresult *result);
int plue_PQntuples(const PGresult *result);
int plue_PQnfields(const PGresult *result);
int plue_PQnparams(const PGresult *result);
Oid plue_PQparamtype(const PGresult *result, int number);
char *plue_PQfname(const PGresult *result, int column);
Oid plue_PQftype(const PGresult *result, int column);
char *plue_PQgetvalue(const PGresult *result, int row, int column);
int plue_PQgetlength(const PGresult *result, int row, int column);
int plue_PQgetisnull(const PGresult *result, int row, int column);
char *plue_PQcmdTuples(PGresult *result);
char *plue_PQcmdStatus(PGresult *result);
void plue_PQclear(PGresult *result);

#endif
