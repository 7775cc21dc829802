/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-event.h"

G_BEGIN_DECLS

#define LW_OUTBOX_ERROR (lw_outbox_error_quark ())

/**
 * LwOutboxError:
 * @LW_OUTBOX_ERROR_DAMAGED: what is in the file is not what was written to it; it was set aside
 * @LW_OUTBOX_ERROR_BUSY: another process holds it for longer than is waited
 * @LW_OUTBOX_ERROR_FULL: the disk is full
 * @LW_OUTBOX_ERROR_NEWER: a newer Leeway made it
 * @LW_OUTBOX_ERROR_UNUSABLE: it cannot be read or written for another reason
 * @LW_OUTBOX_ERROR_GONE: there is no such item any more: it was sent, or discarded
 */
typedef enum
{
  LW_OUTBOX_ERROR_DAMAGED,
  LW_OUTBOX_ERROR_BUSY,
  LW_OUTBOX_ERROR_FULL,
  LW_OUTBOX_ERROR_NEWER,
  LW_OUTBOX_ERROR_UNUSABLE,
  LW_OUTBOX_ERROR_GONE,
} LwOutboxError;

GQuark lw_outbox_error_quark (void);

/**
 * LwOutbox:
 *
 * What one account wrote to one ledger and could not send yet, and what it began to apply and did not
 * finish: the only place where these are. So it is a database of its own in the data folder, written
 * with synchronous=FULL, and never thrown away: a damaged one is set aside, what is whole in it goes to
 * a new one, and lw_outbox_get_notice() says so until a person has read it. Several processes, ledgers
 * and accounts share the file; an object shows only its own.
 *
 * Everything happens on a thread of its own; what is written is durable once the future resolves.
 *
 * LwOutbox::changed is emitted when this object has changed something.
 */
#define LW_TYPE_OUTBOX (lw_outbox_get_type ())
G_DECLARE_FINAL_TYPE (LwOutbox, lw_outbox, LW, OUTBOX, GObject)

/* The version of the tables. See lw-outbox-schema.c for what a change asks for. */
#define LW_OUTBOX_SCHEMA 2

/**
 * lw_outbox_new:
 * @folder: made, for its owner alone, when it is first used
 * @ledger: the address of the ledger, as a profile gives it
 * @tenant: of the account
 * @oid: the account's object id
 *
 * Returns: (transfer full)
 */
LwOutbox *
lw_outbox_new (const char *folder, const char *ledger, const char *tenant, const char *oid);
/* Where it belongs: in the user's data folder. (transfer full) */
char *lw_outbox_folder (void);

/* --- items -------------------------------------------------------------------------------------- */

typedef enum
{
  LW_OUTBOX_WAITING,
  LW_OUTBOX_CONFLICT, /* was not sent; a person has to say what becomes of it */
} LwOutboxState;

/**
 * LwOutboxItem:
 *
 * An event that waits to be written; boxed, reference counted, immutable. @content is the whole request
 * of a submission, else the body of the event.
 */
typedef struct
{
  gint64 id; /* never used twice */
  char *request;
  char *title; /* of the request; nullable */
  LwEventKind kind;
  GDateTime *written;
  JsonObject *content;

  /* What the person saw when they wrote it. */
  guint seen_seq;
  char *seen_digest; /* nullable */

  LwOutboxState state;
  char *problem;    /* why it was not sent yet, a sentence; nullable */
  GDateTime *tried; /* nullable: last time */
  guint tries;
  GDateTime *discarded; /* nullable: can be brought back for some days */

  GBytes *attempt; /* (nullable): the event that was last on its way, whose answer may be lost */
  GStrv attempts;  /* the SHA-256 of every event that ever was; never %NULL */
} LwOutboxItem;

#define LW_TYPE_OUTBOX_ITEM (lw_outbox_item_get_type ())
GType lw_outbox_item_get_type (void);
/* @title and @seen_digest: (nullable). @content is copied. (transfer full) */
LwOutboxItem *lw_outbox_item_new (const char *request,
                                  const char *title,
                                  LwEventKind kind,
                                  GDateTime *written,
                                  JsonObject *content,
                                  guint seen_seq,
                                  const char *seen_digest);
/* Sets the event whose answer got lost; only before the item is added. */
void lw_outbox_item_set_attempt (LwOutboxItem *self, LwEvent *event);
LwOutboxItem *lw_outbox_item_ref (LwOutboxItem *self);
void lw_outbox_item_unref (LwOutboxItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOutboxItem, lw_outbox_item_unref)

/* Queues @item, after all that wait. @files: (nullable) (element-type GBytes): evidence that goes with
 * it. Resolves to the new item's id (%G_TYPE_INT64). */
DexFuture *lw_outbox_add (LwOutbox *self, LwOutboxItem *item, GPtrArray *files);
/* In the order in which they are sent. Resolves to a %G_TYPE_PTR_ARRAY of LwOutboxItem. */
DexFuture *lw_outbox_list (LwOutbox *self, gboolean with_discarded);
/* Resolves to an LwOutboxItem; rejects with %LW_OUTBOX_ERROR_GONE. */
DexFuture *lw_outbox_get (LwOutbox *self, gint64 id);
/* Records that @attempt is on its way in place of @previous (nullable: of none). Where another process
 * was first, its attempt stays. Resolves to the LwOutboxItem as it is then: only its attempt may be
 * sent. Rejects with %LW_OUTBOX_ERROR_GONE where it was sent or discarded. */
DexFuture *lw_outbox_set_attempt (LwOutbox *self, gint64 id, GBytes *previous, LwEvent *attempt);
/* It was tried, and did not work out for now. Resolves to %TRUE. */
DexFuture *lw_outbox_note_try (LwOutbox *self, gint64 id, const char *problem);
/* It cannot be sent as it is. */
DexFuture *lw_outbox_hold (LwOutbox *self, gint64 id, const char *problem);
/* A person says that it is meant for what they see now: it waits again. */
DexFuture *lw_outbox_renew (LwOutbox *self, gint64 id, guint seen_seq, const char *seen_digest);
/* It is on record: forgets it, with the files that no other item names. */
DexFuture *lw_outbox_forget (LwOutbox *self, gint64 id);
/* Takes it out, or back in with @discarded %FALSE. What was taken out is forgotten after a week. */
DexFuture *lw_outbox_discard (LwOutbox *self, gint64 id, gboolean discarded);

/* --- files -------------------------------------------------------------------------------------- */

/* Keeps a file that goes with what is being written. Resolves to its SHA-256 (%G_TYPE_STRING). One that
 * no item names is forgotten after a week. */
DexFuture *lw_outbox_keep_file (LwOutbox *self, GBytes *bytes);
/* Resolves to a #GBytes, verified; rejects with %LW_OUTBOX_ERROR_GONE. */
DexFuture *lw_outbox_get_file (LwOutbox *self, const char *sha256);

/* --- what was begun in Azure ---------------------------------------------------------------------- */

/**
 * LwBegun:
 *
 * Something that this account began in Azure on this machine; boxed, immutable.
 */
typedef struct
{
  char *request;
  char *digest;
  char *what; /* "apply", "retire", … */
  GDateTime *at;
  JsonArray *grants; /* as the caller gave them; never NULL */
  char *state;       /* what the caller noted last; "begun" at first */
} LwBegun;

#define LW_TYPE_BEGUN (lw_begun_get_type ())
GType lw_begun_get_type (void);
LwBegun *lw_begun_ref (LwBegun *self);
void lw_begun_unref (LwBegun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwBegun, lw_begun_unref)

/* Records that this account begins @what on this machine, in place of what was recorded of that request,
 * digest and @what. @grants: (nullable). Resolves to %TRUE once it is durable: nothing may be asked of
 * Azure before. */
DexFuture *lw_outbox_begin_apply (LwOutbox *self,
                                  const char *request,
                                  const char *digest,
                                  const char *what,
                                  JsonArray *grants,
                                  GDateTime *at);
/* Notes how far it came, a word of the caller's. Resolves to %TRUE. */
DexFuture *lw_outbox_note_apply (LwOutbox *self,
                                 const char *request,
                                 const char *digest,
                                 const char *what,
                                 const char *state);
/* What this account began on this machine, in order. Resolves to a %G_TYPE_PTR_ARRAY of LwBegun. */
DexFuture *lw_outbox_list_begun (LwOutbox *self);
/* It is finished, and on record. That there is none is fine. Resolves to %TRUE. */
DexFuture *
lw_outbox_end_apply (LwOutbox *self, const char *request, const char *digest, const char *what);
/* Names this machine, and is of no use elsewhere. (transfer full) */
char *lw_machine_id (void);

/* --- the database --------------------------------------------------------------------------------- */

/* A sentence for people: that it was damaged and is new. Stays until lw_outbox_dismiss_notice(). As of
 * the last call that was settled. (transfer none) (nullable) */
const char *lw_outbox_get_notice (LwOutbox *self);
DexFuture *lw_outbox_dismiss_notice (LwOutbox *self);

/* How long is waited for another process, in milliseconds (5,000), and how many pages a file may have
 * (0 for no limit). For tests. */
void lw_outbox_set_limits (guint busy_milliseconds, guint pages);

G_END_DECLS
