/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-browser.h"

G_BEGIN_DECLS

/**
 * LwTestEntra:
 *
 * A scripted sign-in service, a profile for it and an identity that is nobody yet. Its tokens are
 * "access-0-c" and "refresh-0" for the code, then "access-1-r" and "refresh-1" and so on for refreshes.
 * Whatever else is asked gets an empty list.
 */
typedef struct
{
  LwTestServer *server;
  LwProfile *profile;
  LwIdentity *identity;
  LwTestBrowser *browser;
  const char *nonce; /* (nullable): in place of the right one */
  const char *aud;
  const char *tid;
  const char *id_token;   /* (nullable): in place of one made of these */
  const char *error_body; /* (nullable): what refreshes get */
  guint error_status;
  int ahead;      /* seconds that its clock is ahead */
  gboolean holds; /* answers only when lw_test_entra_let_go() says so */
  guint in_flight;
  guint most_in_flight;
  guint refreshes;
  guint codes;
  guint calls;       /* of anything else */
  GPtrArray *used;   /* the refresh token of each refresh */
  GPtrArray *claims; /* of each refresh; "" where there were none */
  GPtrArray *paused; /* messages held back */
} LwTestEntra;

/* For g_test_add(). */
void lw_test_entra_set_up (LwTestEntra *self, gconstpointer data);
void lw_test_entra_tear_down (LwTestEntra *self, gconstpointer data);
/* Signs its identity in through its browser. */
void lw_test_entra_sign_in (LwTestEntra *self);
/* Sends the answers that are held back. */
void lw_test_entra_let_go (LwTestEntra *self);

G_END_DECLS
