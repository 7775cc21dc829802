/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-work.h"

#define MAX_PAGES 10000

/* List: XML, read by GMarkup, which knows no entities but the five and no DTD. */

/* One page: its blobs, and the marker of the next one. */
typedef struct
{
  GPtrArray *blobs; /* (element-type LwBlob) */
  char *marker;     /* nullable */
} BlobPage;

static void
blob_page_clear (gpointer data)
{
  BlobPage *self = data;

  g_clear_pointer (&self->blobs, g_ptr_array_unref);
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
  GString *text; /* of an element that matters, while inside */
  gboolean encoded;
  char *name;   /* of the blob that is being read */
  GString *tag; /* likewise */
} Listing;

void
lw_blob_free (LwBlob *self)
{
  g_free (self->name);
  g_free (self->tag);
  g_free (self);
}

/* Of a blob's properties: what changes whenever it is written. */
static gboolean
is_tag (const char *element)
{
  return g_str_equal (element, "Etag") || g_str_equal (element, "Last-Modified") ||
         g_str_equal (element, "Content-Length");
}

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
    {
      self->in_blob = TRUE;
      g_clear_pointer (&self->name, g_free);
      g_string_set_size (self->tag, 0);
    }
  if ((self->in_blob && (g_str_equal (element, "Name") || is_tag (element))) ||
      g_str_equal (element, "NextMarker"))
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
      if (self->name != NULL && self->name[0] != '\0')
        {
          LwBlob *blob = g_new0 (LwBlob, 1);

          blob->name = g_steal_pointer (&self->name);
          blob->tag = g_strdup (self->tag->str);
          g_ptr_array_add (self->page->blobs, blob);
        }
    }
  else if (self->in_blob && g_str_equal (element, "Name"))
    {
      if (self->name == NULL)
        self->name = self->encoded ? g_uri_unescape_string (self->text->str, NULL)
                                   : g_strdup (self->text->str);
    }
  else if (self->in_blob && is_tag (element))
    {
      g_string_append_printf (self->tag, "%s %s\n", element, self->text->str);
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

  if (g_str_equal (element, "Name") || g_str_equal (element, "NextMarker") || is_tag (element))
    g_string_append_len (self->text, text, length);
}

static gpointer
read_page (gpointer body, GError **error)
{
  static const GMarkupParser parser = { listing_start, listing_end, listing_text, NULL, NULL };
  g_autoptr (BlobPage) page = g_atomic_rc_box_new0 (BlobPage);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) tag = g_string_new (NULL);
  Listing listing = { .page = page, .text = text, .tag = tag };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_PREFIX_ERROR_POSITION, &listing, NULL);
  g_autoptr (GError) local = NULL;
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  gboolean valid;

  page->blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_blob_free);
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  valid = size > 0 && g_markup_parse_context_parse (context, data, size, &local) &&
          g_markup_parse_context_end_parse (context, &local) && listing.root;
  g_free (listing.name);
  if (valid)
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
compare_blobs (gconstpointer a, gconstpointer b)
{
  return strcmp (((const LwBlob *) a)->name, ((const LwBlob *) b)->name);
}

/* Sorted, as storage accounts give them; sorting what is sorted would hold up the main loop for nothing. */
static void
put_in_order (GPtrArray *blobs)
{
  gboolean sorted = TRUE;

  for (guint i = 1; i < blobs->len && sorted; i++)
    sorted = compare_blobs (g_ptr_array_index (blobs, i - 1), g_ptr_array_index (blobs, i)) <= 0;
  if (!sorted)
    g_ptr_array_sort_values (blobs, compare_blobs);
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
survey_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_blob_free);
  g_autofree char *marker = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < MAX_PAGES && blobs->len <= LW_MAX_ELEMENTS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      g_autofree char *url = list_url (call, marker);
      g_autoptr (BlobPage) page = NULL;

      answer = dex_await_boxed (lw_client_send_blob (call->client, "GET", url, FALSE, NULL, TRUE),
                                &error);
      page = answer != NULL ? await_page (answer->body, &error) : NULL;
      if (page == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      g_ptr_array_extend_and_steal (blobs, g_steal_pointer (&page->blobs));
      if (page->marker == NULL)
        {
          put_in_order (blobs);
          return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&blobs));
        }
      if (!g_hash_table_add (seen, g_strdup (page->marker)))
        return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                      _ ("The list leads back to a page that was read already."));
      g_set_str (&marker, page->marker);
    }
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                                _ ("The list does not end. It was given up."));
}

DexFuture *
lw_client_blob_survey (LwClient *self, const char *container_url, const char *prefix)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (container_url != NULL);

  return lw_spawn (survey_fiber, lw_call_new (self, container_url, prefix != NULL ? prefix : ""),
                   lw_call_free);
}

static DexFuture *
take_names (DexFuture *future, gpointer user_data)
{
  GPtrArray *blobs = g_value_get_boxed (dex_future_get_value (future, NULL));
  GPtrArray *names = g_ptr_array_new_full (blobs->len + 1, g_free);

  for (guint i = 0; i < blobs->len; i++)
    g_ptr_array_add (names, g_strdup (((LwBlob *) g_ptr_array_index (blobs, i))->name));
  g_ptr_array_add (names, NULL);
  return dex_future_new_take_boxed (G_TYPE_STRV, g_ptr_array_free (names, FALSE));
}

DexFuture *
lw_client_blob_list (LwClient *self, const char *container_url, const char *prefix)
{
  return dex_future_then (lw_client_blob_survey (self, container_url, prefix), take_names, NULL,
                          NULL);
}
