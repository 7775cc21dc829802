/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-client.h"
#include "lw-ledger.h"
#include "lw-outbox.h"
#include "lw-sender.h"

G_BEGIN_DECLS

/**
 * LwSession:
 *
 * One connection at work: who is signed in, the Azure client, the ledger, the rules.
 */
#define LW_TYPE_SESSION (lw_session_get_type ())
G_DECLARE_FINAL_TYPE (LwSession, lw_session, LW, SESSION, GObject)

/* @access_token: (nullable): a token given by the caller. @now: (nullable): fixes the clock. */
LwSession *lw_session_new (LwProfile *profile, const char *access_token, GDateTime *now);

/* Resumes the sign-in, then reads who it is, the hierarchy and the rules. Resolves to %TRUE; rejects
 * with %LW_AZURE_ERROR_SIGN_IN where a person has to sign in first. */
DexFuture *lw_session_open (LwSession *self);
/* Opens even where the rules in the ledger are damaged: for looking at it. Nothing can be decided then. */
void lw_session_set_tolerant (LwSession *self, gboolean tolerant);
/* Signs in as lw_identity_sign_in() does, then does what lw_session_open() does. */
DexFuture *lw_session_sign_in (LwSession *self,
                               const LwSignInAsk *ask,
                               const LwSignInHooks *hooks,
                               gpointer user_data,
                               GDestroyNotify destroy,
                               GCancellable *cancellable);
DexFuture *lw_session_sign_out (LwSession *self);

gboolean lw_session_is_open (LwSession *self);
LwProfile *lw_session_get_profile (LwSession *self);
LwIdentity *lw_session_get_identity (LwSession *self);
LwClient *lw_session_get_client (LwSession *self);
LwLedger *lw_session_get_ledger (
    LwSession *self); /* nullable where the profile's ledger is no address of one */
/* Of the person signed in and this ledger; nullable before it is open. */
LwOutbox *lw_session_get_outbox (LwSession *self);
/* What sends it; likewise. */
LwSender *lw_session_get_sender (LwSession *self);
LwHierarchy *lw_session_get_hierarchy (LwSession *self); /* nullable before it is open */
LwRules *lw_session_get_rules (LwSession *self);
const LwPerson *lw_session_get_person (LwSession *self); /* nullable before it is open */
const char *lw_session_get_tenant_id (LwSession *self);
/* The organisation's name: the root management group's display name, else the tenant. */
const char *lw_session_get_organisation (LwSession *self);
GDateTime *lw_session_now (LwSession *self); /* (transfer full), UTC */

G_END_DECLS
