/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-verbs.h"

G_BEGIN_DECLS

/* What became of an apply that was begun and cut off. */
typedef struct
{
  char *request_id;
  char *title;   /* nullable */
  LwCase *value; /* after it; nullable */
  GError *error; /* why it could not be finished, or Azure refused all of it; nullable */
} LwFinished;

#define LW_TYPE_FINISHED (lw_finished_get_type ())
GType lw_finished_get_type (void);
LwFinished *lw_finished_ref (LwFinished *self);
void lw_finished_unref (LwFinished *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwFinished, lw_finished_unref)

/**
 * lw_finish_begun:
 *
 * Finishes what this account began to apply on this machine and did not come to the end of: the program
 * was killed, say. A click is noted in the outbox before anything is asked of Azure; what is not noted
 * there is never applied by this, whatever the ledger says: it waits for somebody's click.
 *
 * Resolves to a %G_TYPE_PTR_ARRAY of LwFinished of those that there was something to do for.
 */
DexFuture *lw_finish_begun (LwSession *session);

/* --- for lw_apply() --- */

/* Held while a request is applied, by one of all processes of this account. */
typedef int LwApplyLock;
/* %FALSE with %LW_DOMAIN_ERROR_NOT_ALLOWED where somebody holds it. */
gboolean
lw_apply_lock (LwApplyLock *lock, LwSession *session, const char *request_id, GError **error);
void lw_apply_unlock (LwApplyLock *lock);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwApplyLock, lw_apply_unlock)

/* Notes the click on what ended with entry @seq. Nothing may be begun where that fails. Awaits. */
gboolean lw_apply_note (LwSession *session, LwCase *value, guint seq, GError **error);
/* The person was told that it failed, and the ledger may have the entry all the same. Awaits. */
void lw_apply_note_told (LwSession *session, LwCase *value);
/* It is over. Awaits. */
void lw_apply_forget (LwSession *session, const char *request_id, const char *digest);

G_END_DECLS
