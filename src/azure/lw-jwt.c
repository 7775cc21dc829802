/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-pkce.h"

#define MAX_TOKEN (256 * 1024)

JsonObject *
lw_jwt_claims (const char *token)
{
  g_auto (GStrv) parts = token != NULL ? g_strsplit (token, ".", 4) : NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  if (parts == NULL || g_strv_length (parts) != 3)
    return NULL;
  payload = lw_base64url_decode (parts[1]);
  node = payload != NULL ? lw_json_parse (payload, MAX_TOKEN, NULL) : NULL;
  object = lw_json_node_object (node);
  return object != NULL ? json_object_ref (object) : NULL;
}
