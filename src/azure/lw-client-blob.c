/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-fault.h"
#include "lw-work.h"

/* An older version of the service: all previous ones stay enabled. Bearer tokens need 2017-11-09. */
#define STORAGE_VERSION  "2021-12-02"
#define MAX_PUT_ATTEMPTS 4
#define PAUSE_MS         500
#define MAX_PAGES        10000

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

static DexFuture *
send_blob (LwClient *self,
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
      dex_await_boxed (send_blob (self, "GET", url, FALSE, NULL, TRUE), &local);

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
      g_autoptr (LwAnswer) answer =
          dex_await_boxed (send_blob (call->client, "PUT", url, TRUE, call->bytes, FALSE), &local);
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
  answer = dex_await_boxed (send_blob (call->client, "GET", url, FALSE, NULL, TRUE), &error);
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

/* List: XML, read by GMarkup, which knows no entities but the five and no DTD. */

/* One page: its names, and the marker of the next one. */
typedef struct
{
  GPtrArray *names;
  char *marker; /* nullable */
} BlobPage;

static void
blob_page_clear (gpointer data)
{
  BlobPage *self = data;

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->marker);
}

static BlobPage *
blob_page_ref (BlobPage *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
blob_page_unref (BlobPage *self)
{
  g_atomic_rc_box_release_full (self, blob_page_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlobPage, blob_page_unref)

static GType blob_page_get_type (void);
G_DEFINE_BOXED_TYPE (BlobPage, blob_page, blob_page_ref, blob_page_unref)

typedef struct
{
  BlobPage *page;
  gboolean root;
  gboolean in_blob;
  GString *text; /* of <Name> or <NextMarker>, while inside */
  gboolean encoded;
} Listing;

static void
listing_start (GMarkupParseContext *context,
               const char *element,
               const char **names,
               const char **values,
               gpointer user_data,
               GError **error)
{
  Listing *self = user_data;

  if (g_str_equal (element, "EnumerationResults"))
    self->root = TRUE;
  else if (g_str_equal (element, "Blob"))
    self->in_blob = TRUE;
  if ((self->in_blob && g_str_equal (element, "Name")) || g_str_equal (element, "NextMarker"))
    {
      g_string_set_size (self->text, 0);
      self->encoded = FALSE;
      for (guint i = 0; names[i] != NULL; i++)
        self->encoded =
            self->encoded || (g_str_equal (names[i], "Encoded") && g_str_equal (values[i], "true"));
    }
}

static void
listing_end (GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
  Listing *self = user_data;

  if (g_str_equal (element, "Blob"))
    {
      self->in_blob = FALSE;
    }
  else if (self->in_blob && g_str_equal (element, "Name"))
    {
      char *name = self->encoded ? g_uri_unescape_string (self->text->str, NULL)
                                 : g_strdup (self->text->str);

      if (name != NULL && name[0] != '\0')
        g_ptr_array_add (self->page->names, name);
      else
        g_free (name);
    }
  else if (g_str_equal (element, "NextMarker"))
    {
      g_set_str (&self->page->marker, self->text->len > 0 ? self->text->str : NULL);
    }
}

static void
listing_text (GMarkupParseContext *context,
              const char *text,
              gsize length,
              gpointer user_data,
              GError **error)
{
  Listing *self = user_data;
  const char *element = g_markup_parse_context_get_element (context);

  if (g_str_equal (element, "Name") || g_str_equal (element, "NextMarker"))
    g_string_append_len (self->text, text, length);
}

static gpointer
read_page (gpointer body, GError **error)
{
  static const GMarkupParser parser = { listing_start, listing_end, listing_text, NULL, NULL };
  g_autoptr (BlobPage) page = g_atomic_rc_box_new0 (BlobPage);
  g_autoptr (GString) text = g_string_new (NULL);
  Listing listing = { .page = page, .text = text };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_PREFIX_ERROR_POSITION, &listing, NULL);
  g_autoptr (GError) local = NULL;
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  page->names = g_ptr_array_new_with_free_func (g_free);
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  if (size > 0 && g_markup_parse_context_parse (context, data, size, &local) &&
      g_markup_parse_context_end_parse (context, &local) && listing.root)
    return g_steal_pointer (&page);
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
               _ ("The storage account's list cannot be read: %s"),
               local != NULL ? local->message : _ ("it is no list"));
  return NULL;
}

/* XML of some size is read on a thread. */
static BlobPage *
await_page (GBytes *body, GError **error)
{
  return dex_await_boxed (
      lw_gate (lw_work (read_page, g_bytes_ref (body), (GDestroyNotify) g_bytes_unref,
                        blob_page_get_type (), g_bytes_get_size (body) <= LW_BIG_TEXT)),
      error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, as storage accounts give them; sorting what is sorted would hold up the main loop for nothing. */
static GStrv
names_in_order (GPtrArray *names)
{
  gboolean sorted = TRUE;

  for (guint i = 1; i < names->len && sorted; i++)
    sorted = strcmp (g_ptr_array_index (names, i - 1), g_ptr_array_index (names, i)) <= 0;
  if (!sorted)
    g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_steal (names, NULL);
}

static char *
list_url (const LwCall *call, const char *marker)
{
  g_autofree char *prefix = g_uri_escape_string (call->b, NULL, FALSE);
  g_autofree char *escaped = g_uri_escape_string (marker != NULL ? marker : "", NULL, FALSE);

  return g_strdup_printf ("%s?restype=container&comp=list&prefix=%s%s%s", call->a, prefix,
                          marker != NULL ? "&marker=" : "", escaped);
}

static DexFuture *
list_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *marker = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < MAX_PAGES && names->len <= LW_MAX_ELEMENTS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      g_autofree char *url = list_url (call, marker);
      g_autoptr (BlobPage) page = NULL;

      answer = dex_await_boxed (send_blob (call->client, "GET", url, FALSE, NULL, TRUE), &error);
      page = answer != NULL ? await_page (answer->body, &error) : NULL;
      if (page == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      g_ptr_array_extend_and_steal (names, g_steal_pointer (&page->names));
      if (page->marker == NULL)
        return dex_future_new_take_boxed (G_TYPE_STRV, names_in_order (names));
      if (!g_hash_table_add (seen, g_strdup (page->marker)))
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("The list leads back to a page that was read already."));
      g_set_str (&marker, page->marker);
    }
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                _ ("The list does not end. It was given up."));
}

DexFuture *
lw_client_blob_list (LwClient *self, const char *container_url, const char *prefix)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (container_url != NULL);

  return lw_spawn (list_fiber, lw_call_new (self, container_url, prefix != NULL ? prefix : ""),
                   lw_call_free);
}
