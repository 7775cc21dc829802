/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-fault.h"

/* An older version of the service: all previous ones stay enabled. Bearer tokens need 2017-11-09. */
#define STORAGE_VERSION  "2021-12-02"
#define MAX_PUT_ATTEMPTS 4
#define PAUSE_MS         500

static char *
blob_url (const char *container_url, const char *name)
{
  g_autofree char *escaped = g_uri_escape_string (name, "/", FALSE);

  return g_strconcat (container_url, "/", escaped, NULL);
}

static gboolean
check_blob_name (const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length > 0 && length <= 1024 && g_utf8_validate (name, -1, NULL) && name[0] != '/' &&
      strstr (name, "..") == NULL && strchr (name, '\\') == NULL && name[length - 1] != '/' &&
      name[length - 1] != '.')
    return TRUE;
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID, _ ("“%s” is no name for a blob."),
               name);
  return FALSE;
}

DexFuture *
lw_client_send_blob (LwClient *self,
                     const char *method,
                     const char *url,
                     gboolean create,
                     GBytes *body,
                     gboolean idempotent)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  const char *const headers[] = { "Accept",
                                  "*/*",
                                  "x-ms-version",
                                  STORAGE_VERSION,
                                  "x-ms-date",
                                  date,
                                  create ? "x-ms-blob-type" : NULL,
                                  "BlockBlob",
                                  "If-None-Match",
                                  "*",
                                  NULL };

  return lw_transport_send (self->transport, LW_AUDIENCE_STORAGE, method, url, headers, body,
                            body != NULL ? "application/octet-stream" : NULL, idempotent);
}

/* Put-if-absent. A put whose answer got lost may have arrived: then what is there tells whether it was
 * ours. */

typedef enum
{
  PUT_DONE,
  PUT_TAKEN,
  PUT_ABSENT,
  PUT_FAILED
} PutState;

static PutState
look_what_is_there (LwClient *self, const char *url, GBytes *bytes, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (LwAnswer) answer =
      dex_await_boxed (lw_client_send_blob (self, "GET", url, FALSE, NULL, TRUE), &local);

  if (answer != NULL)
    return g_bytes_equal (answer->body, bytes) ? PUT_DONE : PUT_TAKEN;
  if (g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    return PUT_ABSENT;
  g_propagate_error (error, g_steal_pointer (&local));
  return PUT_FAILED;
}

static gboolean
is_taken (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  /* 412 is about "If-None-Match: *" alone; 409 also means a container that is being deleted and so on. */
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CONFLICT) && details != NULL &&
         (details->status == 412 || g_strcmp0 (details->code, "BlobAlreadyExists") == 0 ||
          g_strcmp0 (details->code, "BlobImmutableDueToPolicy") == 0 ||
          g_strcmp0 (details->code, "UnauthorizedBlobOverwrite") == 0);
}

static gboolean
is_uncertain (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_THROTTLED);
}

static DexFuture *
put_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (!check_blob_name (call->b, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  url = blob_url (call->a, call->b);
  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GError) unknown = NULL;
      g_autoptr (LwAnswer) answer = dex_await_boxed (
          lw_client_send_blob (call->client, "PUT", url, TRUE, call->bytes, FALSE), &local);
      PutState state;

      if (answer != NULL)
        return dex_future_new_for_boolean (TRUE);
      if (is_taken (local) && attempt == 1)
        return dex_future_new_for_boolean (FALSE);
      if (!is_taken (local) && (!is_uncertain (local) || attempt == MAX_PUT_ATTEMPTS ||
                                !lw_sleep (lw_retry_pause (attempt, PAUSE_MS))))
        return dex_future_new_for_error (g_steal_pointer (&local));
      state = look_what_is_there (call->client, url, call->bytes, &unknown);
      if (state == PUT_DONE || state == PUT_TAKEN)
        return dex_future_new_for_boolean (state == PUT_DONE);
      if (state == PUT_FAILED)
        return dex_future_new_for_error (g_steal_pointer (&local));
    }
}

DexFuture *
lw_client_blob_put_new (LwClient *self, const char *container_url, const char *name, GBytes *bytes)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (container_url != NULL && name != NULL && bytes != NULL);

  call = lw_call_new (self, container_url, name);
  call->bytes = g_bytes_ref (bytes);
  return lw_spawn (put_fiber, call, lw_call_free);
}

static DexFuture *
get_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;
  g_autofree char *url = NULL;

  if (!check_blob_name (call->b, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  url = blob_url (call->a, call->b);
  answer =
      dex_await_boxed (lw_client_send_blob (call->client, "GET", url, FALSE, NULL, TRUE), &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (G_TYPE_BYTES, g_bytes_ref (answer->body));
}

DexFuture *
lw_client_blob_get (LwClient *self, const char *container_url, const char *name)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (container_url != NULL && name != NULL);

  return lw_spawn (get_fiber, lw_call_new (self, container_url, name), lw_call_free);
}
