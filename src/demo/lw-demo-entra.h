/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* What a code, a refresh token or a device code stands for. */
typedef struct
{
  LwDemoPerson *person; /* %NULL until a device code is confirmed */
  char *client_id;
  char *redirect_uri;
  char *challenge;
  char *nonce;
  char *scope;
  char *user_code;
  gint64 expires; /* seconds since 1970 */
  guint uses;
  gboolean capable;  /* the client understands challenges */
  gboolean declined; /* a device code */
  gint64 asked;      /* monotonic: when a device code was last asked about */
  guint interval;    /* seconds to wait between two of these */
} LwDemoGrant;

LwDemoGrant *lw_demo_grant_new (LwDemoPerson *person, const char *client_id, const char *scope);
void lw_demo_entra_fail (LwDemoCall *self,
                         guint status,
                         const char *error,
                         guint number,
                         const char *format,
                         ...) G_GNUC_PRINTF (5, 6);
void lw_demo_entra_token (LwDemoCall *self);
/* The number of what is wrong with a client assertion; 0 where nothing is. */
guint lw_demo_assertion_judge (LwDemoCall *self, LwDemoPerson *application, const char *assertion);

G_END_DECLS
