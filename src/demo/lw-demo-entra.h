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
} LwDemoGrant;

LwDemoGrant *lw_demo_grant_new (LwDemoPerson *person, const char *client_id, const char *scope);
void lw_demo_entra_fail (LwDemoCall *self,
                         guint status,
                         const char *error,
                         guint number,
                         const char *format,
                         ...) G_GNUC_PRINTF (5, 6);
void lw_demo_entra_token (LwDemoCall *self);

G_END_DECLS
