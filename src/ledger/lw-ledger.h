/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-client.h"
#include "lw-rulebook.h"
#include "lw-store.h"
#include "lw-sync-counts.h"

G_BEGIN_DECLS

#define LW_TYPE_LEDGER (lw_ledger_get_type ())
G_DECLARE_FINAL_TYPE (LwLedger, lw_ledger, LW, LEDGER, GObject)

/* A folder store; @path is absolute. Nothing is touched yet: on first use the folder is made with its
 * shelves where it is missing and its parent is there, else what is asked of it rejects with
 * %LW_LEDGER_ERROR_UNREACHABLE. */
LwStore *lw_folder_store_new (const char *path, GError **error);
/* A Blob store: @url is "https://account.blob…/name"; each shelf is the container "name-<shelf>". */
LwStore *lw_blob_store_new (LwClient *client, const char *url, GError **error);
/* By the profile's "ledger" member; an http(s) URL gives a Blob store. */
LwStore *lw_store_new_for_url (LwClient *client, const char *url, GError **error);

/**
 * LwLedger:
 *
 * A ledger with what was read of it before. What is shown comes from the local cache after a sync that
 * reads only what is new; where the storage cannot be reached, it comes from the cache alone, and
 * lw_ledger_get_sync_error() says so.
 *
 * LwLedger::progress (done, total) tells how many objects of a sync were read; LwLedger::synced (news)
 * how many of them were not known, each time one has come to its end.
 */

/* With a cache in memory. */
LwLedger *lw_ledger_new (LwStore *store);
/* @folder: (nullable): of the cache, made when it is first used; %NULL keeps it in memory. */
LwLedger *lw_ledger_new_cached (LwStore *store, const char *folder);
/* Where the cache of a connection belongs: in the user's cache folder, by the connection's key
 * (lw_profile_get_key()), whoever is signed in. %NULL for a ledger on this very machine by http, which
 * is a simulated one and forgets everything when it ends. (transfer full) (nullable) */
char *lw_ledger_cache_folder (const char *key, const char *url);

/* What approvers by management group depend on. */
void lw_ledger_set_hierarchy (LwLedger *self, LwHierarchy *hierarchy);

/* The newest rules on record, verified along their chain; the defaults where there are none. Resolves
 * to an LwRules; afterwards lw_ledger_get_rules() answers. Where the storage cannot be reached, those
 * that were read last. */
DexFuture *lw_ledger_load_rules (LwLedger *self);
LwRules *lw_ledger_get_rules (LwLedger *self);  /* (transfer none), the defaults before loading */
guint lw_ledger_get_rules_seq (LwLedger *self); /* 0 for the defaults */
/* Of the entry's bytes; of the canonical JSON for the defaults. */
const char *lw_ledger_get_rules_sha256 (LwLedger *self);

typedef enum
{
  LW_SYNC_NEW,    /* what the log names; everything where that was not done for a day */
  LW_SYNC_ALL,    /* everything is listed; what is not known or was written again is read */
  LW_SYNC_VERIFY, /* everything is read again and compared with what was read first */
} LwSyncKind;

/**
 * lw_ledger_sync:
 *
 * Brings the cache up to date. A sync that is cut off goes on where it was. An object that is gone from
 * the ledger, or holds other bytes than it did, is flagged in its request ("ledger.gone",
 * "ledger.rewritten") or among the problems; what was read first stays.
 *
 * Resolves to the number (%G_TYPE_UINT) of objects that were not known.
 */
DexFuture *lw_ledger_sync (LwLedger *self, LwSyncKind kind);
/* What the last sync that succeeded brought. (transfer none) */
const LwSyncCounts *lw_ledger_get_sync_counts (LwLedger *self);
/* When the last sync that succeeded began; %NULL where there was none. As of the last call that
 * resolved. (transfer none) */
GDateTime *lw_ledger_get_synced_at (LwLedger *self);
/* Why the last sync failed; %NULL where it did not. (transfer none) */
const GError *lw_ledger_get_sync_error (LwLedger *self);
/* A sentence about the cache: that it was damaged and is made anew, that there is none.
 * (transfer none) (nullable) */
const char *lw_ledger_get_notice (LwLedger *self);

/* The number of the newest entry of the rules, whether it counts or not; 0 before there is one. */
guint lw_ledger_get_rules_last_seq (LwLedger *self);
/* Every change of the rules that was read, in order. (element-type LwRulesEntry) (transfer none) */
GPtrArray *lw_ledger_get_rules_history (LwLedger *self);

/**
 * lw_ledger_append_rules:
 * @expected_seq: lw_ledger_get_rules_last_seq() as the person saw it
 *
 * Writes the next entry of the rules, read anew before. The first one may be written by anybody whom it
 * names as an administrator; each later one by an administrator of the rules in force.
 *
 * Resolves to the LwRules in force after it; rejects with %LW_LEDGER_ERROR_TAKEN where somebody changed
 * the rules since (read them again: nothing was written), with %LW_DOMAIN_ERROR_NOT_ALLOWED where the
 * person may not, or nobody could change them again.
 */
DexFuture *lw_ledger_append_rules (LwLedger *self,
                                   guint expected_seq,
                                   LwRules *rules,
                                   const LwPerson *by,
                                   const char *tenant,
                                   GDateTime *at);

/* Resolves to an LwCase with all its events; a request without events is an LwCase in phase NEW. */
DexFuture *lw_ledger_load_case (LwLedger *self, const char *request_id);
/* The same as it is in the storage now; rejects with %LW_LEDGER_ERROR_UNREACHABLE where that cannot be
 * reached. */
DexFuture *lw_ledger_read_newest_case (LwLedger *self, const char *request_id);
/* The same as it was read last, without asking the storage. */
DexFuture *lw_ledger_get_case (LwLedger *self, const char *request_id);
/* Resolves to a %G_TYPE_PTR_ARRAY of LwCase, the newest first. Broken records are among them, flagged.
 * Their events lack what is large: "content", "terms" and "grants" of the bodies, and the bytes. */
DexFuture *lw_ledger_list_cases (LwLedger *self);
/* The same with whole events, which takes much more time and memory. */
DexFuture *lw_ledger_list_whole_cases (LwLedger *self);

/* What is asked of lw_ledger_query(). */
typedef struct
{
  guint phases;       /* 1 << LwPhase of those that are wanted; 0 for all */
  const char *person; /* (nullable): object id of the requester or owner */
  const char
      *text; /* (nullable): words of title, reason, names, scopes, policies, comments, or the id */
  guint offset;
  guint limit; /* 0 for all */
  guint
      live; /* 1 << LwPhase of those that are wanted beside @phases while they have not ended at @at */
  guint over;   /* … once they have ended */
  gint64 at;    /* microseconds of UTC */
  gint64 since; /* microseconds of UTC: those that changed then or later; 0 for all */
} LwLedgerQuery;

typedef struct
{
  GPtrArray *cases; /* (element-type LwCase) as lw_ledger_list_cases() gives them */
  guint total;      /* how many match */
} LwLedgerPage;

#define LW_TYPE_LEDGER_PAGE (lw_ledger_page_get_type ())
GType lw_ledger_page_get_type (void);
LwLedgerPage *lw_ledger_page_ref (LwLedgerPage *self);
void lw_ledger_page_unref (LwLedgerPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLedgerPage, lw_ledger_page_unref)

/* Resolves to an LwLedgerPage of what is in the cache, without a sync: the newest first, with @text the
 * best match first. */
DexFuture *lw_ledger_query (LwLedger *self, const LwLedgerQuery *query);
/* One that matches a query. @generation is another one whenever the state of the case is. */
typedef struct
{
  char request[40];
  gint64 generation;
} LwLedgerKey;

/* All that match a query, in its order: what a list that reads its rows as they come into view needs to
 * know of those that it does not show. */
typedef struct
{
  guint n;
  LwLedgerKey *keys;
} LwLedgerIndex;

#define LW_TYPE_LEDGER_INDEX (lw_ledger_index_get_type ())
GType lw_ledger_index_get_type (void);
LwLedgerIndex *lw_ledger_index_ref (LwLedgerIndex *self);
void lw_ledger_index_unref (LwLedgerIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLedgerIndex, lw_ledger_index_unref)

/* Resolves to an LwLedgerIndex of what is in the cache, in the order of lw_ledger_query(), without a sync.
 * For 10,000 requests some milliseconds on the ledger's thread. */
DexFuture *lw_ledger_query_index (LwLedger *self, const LwLedgerQuery *query);
/* Resolves to a %G_TYPE_PTR_ARRAY of LwCase, as lw_ledger_list_cases() gives them, of those of @requests
 * that are in the cache, in that order. */
DexFuture *lw_ledger_get_cases (LwLedger *self, const char *const *requests);
/* The cases that hold all the words, or words that begin so; the best match first. Resolves
 * to a %G_TYPE_PTR_ARRAY of at most @limit LwCase. */
DexFuture *lw_ledger_search (LwLedger *self, const char *text, guint limit);

/* Sentences about what is in the ledger and belongs to no request: strays, refused changes of the
 * rules. As of the last listing. (transfer none), %NULL-terminated */
const char *const *lw_ledger_get_problems (LwLedger *self);

/**
 * lw_ledger_append:
 *
 * Writes the next event of a request: checks it against the newest state (lw_case_check()), writes the
 * seal first where it is an approval, then the event as number last_seq + 1, then its log marker.
 * @expected_seq: the last_seq that the person saw; 0 for a new request.
 *
 * Resolves to the LwCase after it; rejects with %LW_LEDGER_ERROR_TAKEN where the record moved on since
 * (read it again and decide anew), or with %LW_DOMAIN_ERROR_NOT_ALLOWED.
 */
DexFuture *lw_ledger_append (LwLedger *self,
                             const char *request_id,
                             guint expected_seq,
                             LwEventKind kind,
                             const LwPerson *by,
                             const char *tenant,
                             GDateTime *at,
                             JsonObject *body);

/**
 * lw_ledger_append_event:
 * @event: made for the number and the predecessor that the writer saw; no approval
 *
 * The same with an event that was made before, to be sent more than once until an answer comes: where
 * the very bytes are on record it resolves as well, and nothing is written twice.
 */
DexFuture *lw_ledger_append_event (LwLedger *self, LwEvent *event);

/* "Omar has withdrawn this request in the meantime", a sentence without its end. (transfer full) */
char *lw_ledger_say_meanwhile (LwEvent *event);

/* Puts a file on the evidence shelf under the SHA-256 of its content; that it is there already is fine.
 * Resolves to that SHA-256 (%G_TYPE_STRING) once it is durable; rejects with %LW_LEDGER_ERROR_REFUSED
 * where it is empty or larger than the rules allow. */
DexFuture *lw_ledger_put_evidence (LwLedger *self, GBytes *bytes);
/* Resolves to a #GBytes that has that SHA-256; rejects with %LW_LEDGER_ERROR_BROKEN where the content is
 * another one, with %LW_LEDGER_ERROR_NOT_FOUND where there is none. */
DexFuture *lw_ledger_get_evidence (LwLedger *self, const char *sha256);

G_END_DECLS
