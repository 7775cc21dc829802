/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-archive.h"
#include "lw-ledger.h"
#include "lw-record.h"
#include "lw-thread.h"

G_BEGIN_DECLS

/* Entries are written on fibers, and JSON nests; the usual stack is too small for the deepest. */
#define LW_LEDGER_STACK_SIZE (512 * 1024)

struct _LwLedger
{
  GObject parent_instance;
  LwStore *store;
  LwHierarchy *hierarchy;
  LwSerial *serial;   /* the queue of the archive's thread */
  LwArchive *archive; /* used on that thread only */

  /* What the archive said last. */
  LwRules *rules;
  guint rules_seq;
  char *rules_sha256;
  GPtrArray *rules_history; /* (element-type LwRulesEntry) */
  GStrv problems;
  char *notice;
  GDateTime *synced_at;

  LwSyncCounts counts; /* of the last sync that succeeded */
  GError *sync_error;
  DexFuture *last_sync; /* the one that was asked for last */
  DexFuture *waiting;   /* the same, while it waits for its turn */
  LwSyncKind waiting_kind;
  GDateTime *now; /* nullable: a fixed clock */
};

/* The clock that syncs and log markers go by: the machine's, or a fixed one for tests. */
void lw_ledger_set_now (LwLedger *self, GDateTime *now);
gint64 lw_ledger_now (LwLedger *self);

/* --- doing things --- */

/* Work on the archive's thread; returns a settled future, as an #LwThreadFunc. */
typedef DexFuture *(*LwArchiveFunc) (LwArchive *archive, gpointer data);

/* @data must live until the future settles: the fiber that pushes awaits it. */
DexFuture *lw_ledger_push (LwLedger *self, LwArchiveFunc func, gpointer data);

/* Runs @func on a fiber that nobody can cancel: dropping the future drops only the answer. */
DexFuture *
lw_ledger_run (LwLedger *self, DexFiberFunc func, gpointer data, GDestroyNotify data_destroy);

/* Asks the archive for rules, problems and notices. Awaits. */
gboolean lw_ledger_update (LwLedger *self, GError **error);

/* Whether the cache was replaced, so that all begins again. */
gboolean lw_ledger_lost_cache (const GError *error);

/* Waits for all; none is cancelled when another fails. */
gboolean lw_ledger_await_all (DexFuture *const *futures, guint n, GError **error);

/* --- reading --- */

typedef enum
{
  LW_FETCH_NEW,     /* what is not there is noted where a listing named it */
  LW_FETCH_CONFIRM, /* what is not there is gone */
} LwFetchMode;

typedef struct
{
  guint done;
  guint total;
  guint news;
  GPtrArray
      *absent; /* (element-type utf8) (nullable): unlisted events that are not there are added */
} LwFetched;

/* Reads @wants (element-type LwWant) from the store and hands them to the archive, in parallel. What
 * was read before a failure is kept. Awaits. */
gboolean lw_ledger_fetch (LwLedger *self,
                          GPtrArray *wants,
                          LwFetchMode mode,
                          LwFetched *fetched,
                          GError **error);

/* Lists and reads the objects under @prefix ("" for all, else "<request>/"): those that are not known,
 * or with @verify all, to compare them. Awaits. */
gboolean lw_ledger_read_listing (LwLedger *self,
                                 const char *prefix,
                                 gboolean verify,
                                 LwFetched *fetched,
                                 GError **error);

/* The newest state of a request, from the ledger itself. Awaits. (transfer full) (nullable) */
LwCase *lw_ledger_read_case (LwLedger *self, const char *request_id, GError **error);
/* As it is kept. Awaits. */
LwCase *lw_ledger_fold (LwLedger *self, const char *request_id, GError **error);
/* Keeps what this Leeway wrote itself. Awaits. */
gboolean
lw_ledger_take (LwLedger *self, LwShelf shelf, const char *name, GBytes *bytes, GError **error);

/* Reads entries of the rules that are not known or were written again. With %LW_SYNC_VERIFY also all
 * others, to compare them. Awaits. */
gboolean lw_ledger_read_rules (LwLedger *self, LwSyncKind kind, GError **error);

/* Folds what changed, without asking the storage. Awaits. */
gboolean lw_ledger_settle (LwLedger *self, GError **error);

/* @person, @text: (nullable): copies that live as long as what is returned is used */
LwCacheQuery
lw_ledger_to_cache_query (const LwLedgerQuery *asked, const char *person, const char *text);

/* An id as the ledger writes it; %NULL where it is none. (transfer full) */
char *lw_ledger_normalize_id (const char *request_id);
DexFuture *lw_ledger_reject_id (const char *request_id);

G_END_DECLS
