/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-wire.h"

G_BEGIN_DECLS

/* What the token endpoint gave. Strings are %NULL where it gave none. */
typedef struct
{
  char *access_token;
  gint64 expires_in; /* seconds */
  char *refresh_token;
  char *id_token;
} LwEntraTokens;

#define LW_TYPE_ENTRA_TOKENS (lw_entra_tokens_get_type ())
GType lw_entra_tokens_get_type (void);
LwEntraTokens *lw_entra_tokens_copy (const LwEntraTokens *self);
void lw_entra_tokens_free (LwEntraTokens *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEntraTokens, lw_entra_tokens_free)

/**
 * lw_entra_read_reply:
 * @status: of the answer
 * @body: of the answer
 *
 * Decides by the "error" member, as Microsoft asks, and never by numbers in the description.
 *
 * Returns: (transfer full): the tokens, or %NULL with %LW_AZURE_ERROR_SIGN_IN (a person has to sign in
 *   again, with the claims in the error's details if there are any), %LW_AZURE_ERROR_THROTTLED or SERVER
 *   (try later), or %LW_AZURE_ERROR_PROTOCOL
 */
LwEntraTokens *lw_entra_read_reply (guint status, GBytes *body, GError **error);

/* What a refusal says. All of it may be %NULL. */
typedef struct
{
  const char *code; /* "error" */
  const char *suberror;
  const char *description;
  JsonArray *numbers; /* "error_codes" */
  const char *correlation_id;
  const char *timestamp;
  const char *claims;
  const char *url; /* method and address without query */
  guint status;
} LwEntraRefusal;

/* A %LW_AZURE_ERROR_SIGN_IN with a sentence and a next step; what the members leave out is taken from
 * the description. (transfer full) */
GError *lw_entra_refusal_to_error (const LwEntraRefusal *refusal);
/* The same with these alone. */
GError *lw_entra_refusal (const char *code,
                          const char *description,
                          const char *correlation_id,
                          const char *claims);

/**
 * lw_entra_claims:
 * @challenge: (nullable): the claims of a challenge
 *
 * The "claims" of a request: those of @challenge, where it is a JSON object, and that this client
 * understands challenges (xms_cc: cp1), so that tokens may live long and be ended early.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
 *
 * Returns: (transfer full): JSON
 */
char *lw_entra_claims (const char *challenge);

/* POSTs the form (%NULL-terminated pairs) to the token endpoint. Resolves to #LwEntraTokens. @again:
 * whether it may be sent again after a fault. */
DexFuture *
lw_entra_request_token (LwWire *wire, LwProfile *profile, const char *const *form, gboolean again);

/* "{login}/{tenant}/oauth2/v2.0/@name". (transfer full) */
char *lw_entra_url (LwProfile *profile, const char *name);

/* What the device code's endpoint gave. */
typedef struct
{
  char *device_code; /* a secret */
  char *user_code;
  char *uri;
  gint64 expires_in; /* seconds */
  guint interval;    /* seconds */
} LwEntraDevice;

#define LW_TYPE_ENTRA_DEVICE (lw_entra_device_get_type ())
GType lw_entra_device_get_type (void);
LwEntraDevice *lw_entra_device_copy (const LwEntraDevice *self);
void lw_entra_device_free (LwEntraDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEntraDevice, lw_entra_device_free)

/* Asks for a device code. Resolves to #LwEntraDevice. */
DexFuture *lw_entra_request_device_code (LwWire *wire, LwProfile *profile, const char *const *form);

/* "name=value&…" of %NULL-terminated pairs; a pair with "" for its name is left out. (transfer full) */
char *lw_form_encode (const char *const *pairs);

G_END_DECLS
