// libpq 15 or later, as Debian's libpq-dev has it: PostgreSQL's client library.
#ifndef CPQ_H
#define CPQ_H

#include <postgresql/libpq-fe.h>

// What libpq says beside results goes to stderr unless somebody else takes it.
static inline void cpq_ignore_notice(void *argument, const char *message) {
  (void)argument;
  (void)message;
}
static inline void cpq_ignore_notices(PGconn *connection) {
  PQsetNoticeProcessor(connection, cpq_ignore_notice, 0);
}

// Of postgres_ext.h and libpq-fe.h: character constants, which Swift does not import.
static inline int cpq_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int cpq_severity(void) { return PG_DIAG_SEVERITY_NONLOCALIZED; }
static inline int cpq_message(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int cpq_detail(void) { return PG_DIAG_MESSAGE_DETAIL; }
static inline int cpq_hint(void) { return PG_DIAG_MESSAGE_HINT; }
static inline int cpq_position(void) { return PG_DIAG_STATEMENT_POSITION; }
static inline int cpq_schema(void) { return PG_DIAG_SCHEMA_NAME; }
static inline int cpq_table(void) { return PG_DIAG_TABLE_NAME; }
static inline int cpq_column(void) { return PG_DIAG_COLUMN_NAME; }
static inline int cpq_constraint(void) { return PG_DIAG_CONSTRAINT_NAME; }

#endif
