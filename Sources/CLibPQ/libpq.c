#define _GNU_SOURCE
#include "CLibPQ.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

// The functions of libpq, found by name.
static PGconn *(*p_PQconnectStartParams)(const char *const *keywords, const char *const *values, int expand_dbname);
static int (*p_PQconnectPoll)(PGconn *conn);
static PQconninfoOption *(*p_PQconninfoParse)(const char *conninfo, char **errmsg);
static void (*p_PQconninfoFree)(PQconninfoOption *options);
static void (*p_PQfreemem)(void *memory);
static void (*p_PQfinish)(PGconn *conn);
static int (*p_PQstatus)(const PGconn *conn);
static int (*p_PQtransactionStatus)(const PGconn *conn);
static const char *(*p_PQparameterStatus)(const PGconn *conn, const char *name);
static int (*p_PQserverVersion)(const PGconn *conn);
static char *(*p_PQerrorMessage)(const PGconn *conn);
static int (*p_PQsocket)(const PGconn *conn);
static char *(*p_PQhost)(const PGconn *conn);
static char *(*p_PQport)(const PGconn *conn);
static int (*p_PQsetErrorVerbosity)(PGconn *conn, int verbosity);
static PGcancel *(*p_PQgetCancel)(PGconn *conn);
static void (*p_PQfreeCancel)(PGcancel *cancel);
static int (*p_PQcancel)(PGcancel *cancel, char *errbuf, int errbufsize);
static PGresult *(*p_PQexec)(PGconn *conn, const char *query);
static int (*p_PQsendQueryParams)(PGconn *conn, const char *command, int n, const Oid *types,
        const char *const *values, const int *lengths, const int *formats, int result_format);
static int (*p_PQsendPrepare)(PGconn *conn, const char *name, const char *query, int n, const Oid *types);
static int (*p_PQsendQueryPrepared)(PGconn *conn, const char *name, int n, const char *const *values,
        const int *lengths, const int *formats, int result_format);
static int (*p_PQsendDescribePrepared)(PGconn *conn, const char *name);
static PGresult *(*p_PQgetResult)(PGconn *conn);
static int (*p_PQconsumeInput)(PGconn *conn);
static PGnotify *(*p_PQnotifies)(PGconn *conn);
static int (*p_PQflush)(PGconn *conn);
static int (*p_PQpipelineStatus)(const PGconn *conn);
static int (*p_PQenterPipelineMode)(PGconn *conn);
static int (*p_PQexitPipelineMode)(PGconn *conn);
static int (*p_PQpipelineSync)(PGconn *conn);
static int (*p_PQsendFlushRequest)(PGconn *conn);
static int (*p_PQputCopyData)(PGconn *conn, const char *buffer, int length);
static int (*p_PQputCopyEnd)(PGconn *conn, const char *error);
static int (*p_PQresultStatus)(const PGresult *result);
static char *(*p_PQresultErrorField)(const PGresult *result, int field);
static char *(*p_PQresultErrorMessage)(const PGresult *result);
static int (*p_PQntuples)(const PGresult *result);
static int (*p_PQnfields)(const PGresult *result);
static int (*p_PQnparams)(const PGresult *result);
static Oid (*p_PQparamtype)(const PGresult *result, int number);
static char *(*p_PQfname)(const PGresult *result, int column);
static Oid (*p_PQftype)(const PGresult *result, int column);
static char *(*p_PQgetvalue)(const PGresult *result, int row, int column);
static int (*p_PQgetlength)(const PGresult *result, int row, int column);
static int (*p_PQgetisnull)(const PGresult *result, int row, int column);
static char *(*p_PQcmdTuples)(PGresult *result);
static char *(*p_PQcmdStatus)(PGresult *result);
static void (*p_PQclear)(PGresult *result);
static void *(*p_PQsetNoticeProcessor)(PGconn *conn, void (*processor)(void *, const char *), void *argument);

static void find(void **function, void *library, const char *name) {
    *function = dlsym(library, name);
    if (*function == NULL && problem[0] == 0)
        snprintf(problem, sizeof problem,
                 "the library libpq.so.5 is too old (it has no %s): install libpq5, version 14 or newer",
                 name);
}

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem, "the library libpq.so.5 cannot be loaded (%s): install the package libpq5",
                 reason == NULL ? "no reason given" : reason);
        return;
    }
    find((void **)&p_PQconnectStartParams, library, "PQconnectStartParams");
    find((void **)&p_PQconnectPoll, library, "PQconnectPoll");
    find((void **)&p_PQconninfoParse, library, "PQconninfoParse");
    find((void **)&p_PQconninfoFree, library, "PQconninfoFree");
    find((void **)&p_PQfreemem, library, "PQfreemem");
    find((void **)&p_PQfinish, library, "PQfinish");
    find((void **)&p_PQstatus, library, "PQstatus");
    find((void **)&p_PQtransactionStatus, library, "PQtransactionStatus");
    find((void **)&p_PQparameterStatus, library, "PQparameterStatus");
    find((void **)&p_PQserverVersion, library, "PQserverVersion");
    find((void **)&p_PQerrorMessage, library, "PQerrorMessage");
    find((void **)&p_PQsocket, library, "PQsocket");
    find((void **)&p_PQhost, library, "PQhost");
    find((void **)&p_PQport, library, "PQport");
    find((void **)&p_PQsetErrorVerbosity, library, "PQsetErrorVerbosity");
    find((void **)&p_PQgetCancel, library, "PQgetCancel");
    find((void **)&p_PQfreeCancel, library, "PQfreeCancel");
    find((void **)&p_PQcancel, library, "PQcancel");
    find((void **)&p_PQexec, library, "PQexec");
    find((void **)&p_PQsendQueryParams, library, "PQsendQueryParams");
    find((void **)&p_PQsendPrepare, library, "PQsendPrepare");
    find((void **)&p_PQsendQueryPrepared, library, "PQsendQueryPrepared");
    find((void **)&p_PQsendDescribePrepared, library, "PQsendDescribePrepared");
    find((void **)&p_PQgetResult, library, "PQgetResult");
    find((void **)&p_PQconsumeInput, library, "PQconsumeInput");
    find((void **)&p_PQnotifies, library, "PQnotifies");
    find((void **)&p_PQflush, library, "PQflush");
    find((void **)&p_PQpipelineStatus, library, "PQpipelineStatus");
    find((void **)&p_PQenterPipelineMode, library, "PQenterPipelineMode");
    find((void **)&p_PQexitPipelineMode, library, "PQexitPipelineMode");
    find((void **)&p_PQpipelineSync, library, "PQpipelineSync");
    find((void **)&p_PQsendFlushRequest, library, "PQsendFlushRequest");
    find((void **)&p_PQputCopyData, library, "PQputCopyData");
    find((void **)&p_PQputCopyEnd, library, "PQputCopyEnd");
    find((void **)&p_PQresultStatus, library, "PQresultStatus");
    find((void **)&p_PQresultErrorField, library, "PQresultErrorField");
    find((void **)&p_PQresultErrorMessage, library, "PQresultErrorMessage");
    find((void **)&p_PQntuples, library, "PQntuples");
    find((void **)&p_PQnfields, library, "PQnfields");
    find((void **)&p_PQnparams, library, "PQnparams");
    find((void **)&p_PQparamtype, library, "PQparamtype");
    find((void **)&p_PQfname, library, "PQfname");
    find((void **)&p_PQftype, library, "PQftype");
    find((void **)&p_PQgetvalue, library, "PQgetvalue");
    find((void **)&p_PQgetlength, library, "PQgetlength");
    find((void **)&p_PQgetisnull, library, "PQgetisnull");
    find((void **)&p_PQcmdTuples, library, "PQcmdTuples");
    find((void **)&p_PQcmdStatus, library, "PQcmdStatus");
    find((void **)&p_PQclear, library, "PQclear");
    find((void **)&p_PQsetNoticeProcessor, library, "PQsetNoticeProcessor");
}

const char *plue_pq_load(void) {
    pthread_once(&once, load);
    return problem[0] == 0 ? NULL : problem;
}

static void drop(void *argument, const char *message) {
    (void)argument;
    (void)message;
}

void plue_pq_drop_notices(PGconn *conn) { p_PQsetNoticeProcessor(conn, drop, NULL); }

PGconn *plue_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand_dbname) {
    return p_PQconnectStartParams(keywords, values, expand_dbname);
}
int plue_PQconnectPoll(PGconn *conn) { return p_PQconnectPoll(conn); }
PQconninfoOption *plue_PQconninfoParse(const char *conninfo, char **errmsg) {
    return p_PQconninfoParse(conninfo, errmsg);
}
void plue_PQconninfoFree(PQconninfoOption *options) { p_PQconninfoFree(options); }
void plue_PQfreemem(void *memory) { p_PQfreemem(memory); }
void plue_PQfinish(PGconn *conn) { p_PQfinish(conn); }
int plue_PQstatus(const PGconn *conn) { return p_PQstatus(conn); }
int plue_PQtransactionStatus(const PGconn *conn) { return p_PQtransactionStatus(conn); }
const char *plue_PQparameterStatus(const PGconn *conn, const char *name) { return p_PQparameterStatus(conn, name); }
int plue_PQserverVersion(const PGconn *conn) { return p_PQserverVersion(conn); }
char *plue_PQerrorMessage(const PGconn *conn) { return p_PQerrorMessage(conn); }
int plue_PQsocket(const PGconn *conn) { return p_PQsocket(conn); }
char *plue_PQhost(const PGconn *conn) { return p_PQhost(conn); }
char *plue_PQport(const PGconn *conn) { return p_PQport(conn); }
int plue_PQsetErrorVerbosity(PGconn *conn, int verbosity) { return p_PQsetErrorVerbosity(conn, verbosity); }
PGcancel *plue_PQgetCancel(PGconn *conn) { return p_PQgetCancel(conn); }
void plue_PQfreeCancel(PGcancel *cancel) { p_PQfreeCancel(cancel); }
int plue_PQcancel(PGcancel *cancel, char *errbuf, int errbufsize) { return p_PQcancel(cancel, errbuf, errbufsize); }
PGresult *plue_PQexec(PGconn *conn, const char *query) { return p_PQexec(conn, query); }
int plue_PQsendQueryParams(PGconn *conn, const char *command, int n, const Oid *types,
        const char *const *values, const int *lengths, const int *formats, int result_format) {
    return p_PQsendQueryParams(conn, command, n, types, values, lengths, formats, result_format);
}
int plue_PQsendPrepare(PGconn *conn, const char *name, const char *query, int n, const Oid *types) {
    return p_PQsendPrepare(conn, name, query, n, types);
}
int plue_PQsendQueryPrepared(PGconn *conn, const char *name, int n, const char *const *values,
        const int *lengths, const int *formats, int result_format) {
    return p_PQsendQueryPrepared(conn, name, n, values, lengths, formats, result_format);
}
int plue_PQsendDescribePrepared(PGconn *conn, const char *name) { return p_PQsendDescribePrepared(conn, name); }
PGresult *plue_PQgetResult(PGconn *conn) { return p_PQgetResult(conn); }
int plue_PQconsumeInput(PGconn *conn) { return p_PQconsumeInput(conn); }
PGnotify *plue_PQnotifies(PGconn *conn) { return p_PQnotifies(conn); }
int plue_PQflush(PGconn *conn) { return p_PQflush(conn); }
int plue_PQpipelineStatus(const PGconn *conn) { return p_PQpipelineStatus(conn); }
int plue_PQenterPipelineMode(PGconn *conn) { return p_PQenterPipelineMode(conn); }
int plue_PQexitPipelineMode(PGconn *conn) { return p_PQexitPipelineMode(conn); }
int plue_PQpipelineSync(PGconn *conn) { return p_PQpipelineSync(conn); }
int plue_PQsendFlushRequest(PGconn *conn) { return p_PQsendFlushRequest(conn); }
int plue_PQputCopyData(PGconn *conn, const char *buffer, int length) { return p_PQputCopyData(conn, buffer, length); }
int plue_PQputCopyEnd(PGconn *conn, const char *error) { return p_PQputCopyEnd(conn, error); }
int plue_PQresultStatus(const PGresult *result) { return p_PQresultStatus(result); }
char *plue_PQresultErrorField(const PGresult *result, int field) { return p_PQresultErrorField(result, field); }
char *plue_PQresultErrorMessage(const PGresult *result) { return p_PQresultErrorMessage(result); }
int plue_PQntuples(const PGresult *result) { return p_PQntuples(result); }
int plue_PQnfields(const PGresult *result) { return p_PQnfields(result); }
int plue_PQnparams(const PGresult *result) { return p_PQnparams(result); }
Oid plue_PQparamtype(const PGresult *result, int number) { return p_PQparamtype(result, number); }
char *plue_PQfname(const PGresult *result, int column) { return p_PQfname(result, column); }
Oid plue_PQftype(const PGresult *result, int column) { return p_PQftype(result, column); }
char *plue_PQgetvalue(const PGresult *result, int row, int column) { return p_PQgetvalue(result, row, column); }
int plue_PQgetlength(const PGresult *result, int row, int column) { return p_PQgetlength(result, row, column); }
int plue_PQgetisnull(const PGresult *result, int row, int column) { return p_PQgetisnull(result, row, column); }
char *plue_PQcmdTuples(PGresult *result) { return p_PQcmdTuples(result); }
char *plue_PQcmdStatus(PGresult *result) { return p_PQcmdStatus(result); }
void plue_PQclear(PGresult *result) { p_PQclear(result); }
