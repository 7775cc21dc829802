/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-json.h"
#include "lw-outbox-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (LwOutboxItem, lw_outbox_item, lw_outbox_item_ref, lw_outbox_item_unref)
G_DEFINE_BOXED_TYPE (LwBegun, lw_begun, lw_begun_ref, lw_begun_unref)

/* --- rows --------------------------------------------------------------------------------------- */

char *
lw_outbox_sum (const char *first, ...)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  va_list args;

  va_start (args, first);
  for (const char *text = first; text; text = va_arg (args, const char *))
    {
      g_autofree char *length = g_strdup_printf ("%zu:", strlen (text));

      g_checksum_update (checksum, (const guchar *) length, -1);
      g_checksum_update (checksum, (const guchar *) text, -1);
    }
  va_end (args);

  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
fail_damaged (GError **error)
{
  g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED,
               _ ("Leeway’s outbox is damaged (%s)"), _ ("an entry is not what was written"));

  return FALSE;
}

static char *
column_text (sqlite3_stmt *row, int column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return text ? g_utf8_make_valid (text, -1) : NULL;
}

static GDateTime *
column_instant (sqlite3_stmt *row, int column)
{
  gint64 at = sqlite3_column_int64 (row, column);

  return at > 0 ? g_date_time_new_from_unix_utc_usec (at) : NULL;
}

/* "" for what is not there: only to be compared. */
static const char *
plain (sqlite3_stmt *row, int column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return text ? text : "";
}

char *
lw_outbox_content_text (JsonObject *content, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_object_to_node (content);

  return lw_json_canonical (node, error);
}

static JsonObject *
parse_object (const char *text)
{
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);
  JsonObject *object = lw_json_node_object (node);

  return object ? json_object_ref (object) : NULL;
}

/* --- items -------------------------------------------------------------------------------------- */

char *
lw_outbox_item_sum (const LwOutboxItem *item, const LwOutboxOwner *owner, const char *content)
{
  g_autofree char *written =
      g_strdup_printf ("%" G_GINT64_FORMAT, g_date_time_to_unix_usec (item->written));

  return lw_outbox_sum (owner->ledger, owner->tenant, owner->oid, item->request,
                        item->title ? item->title : "", lw_event_kind_to_string (item->kind),
                        written, content, NULL);
}

static gboolean
sum_is_right (sqlite3_stmt *row)
{
  g_autofree char *sum =
      lw_outbox_sum (plain (row, 16), plain (row, 17), plain (row, 18), plain (row, 1),
                     plain (row, 2), plain (row, 3), plain (row, 4), plain (row, 5), NULL);

  return strcmp (sum, plain (row, 6)) == 0;
}

LwOutboxItem *
lw_outbox_item_read (sqlite3_stmt *row, GError **error)
{
  g_autoptr (LwOutboxItem) self = g_atomic_rc_box_new0 (LwOutboxItem);
  const char *attempts = plain (row, 15);

  self->id = sqlite3_column_int64 (row, 0);
  self->written = column_instant (row, 4);
  if (!sum_is_right (row) || !self->written || !(self->content = parse_object (plain (row, 5))))
    {
      fail_damaged (error);
      return NULL;
    }

  self->request = column_text (row, 1);
  self->title = column_text (row, 2);
  self->kind = lw_event_kind_from_string (plain (row, 3));
  self->state =
      sqlite3_column_int (row, 7) == LW_OUTBOX_CONFLICT ? LW_OUTBOX_CONFLICT : LW_OUTBOX_WAITING;
  self->seen_seq = (guint) CLAMP (sqlite3_column_int64 (row, 8), 0, G_MAXINT32);
  self->seen_digest = column_text (row, 9);
  self->problem = column_text (row, 10);
  self->tried = column_instant (row, 11);
  self->tries = (guint) CLAMP (sqlite3_column_int64 (row, 12), 0, G_MAXINT32);
  self->discarded = column_instant (row, 13);
  if (sqlite3_column_type (row, 14) == SQLITE_BLOB)
    self->attempt =
        g_bytes_new (sqlite3_column_blob (row, 14), (gsize) sqlite3_column_bytes (row, 14));
  self->attempts = *attempts ? g_strsplit (attempts, " ", -1) : g_new0 (char *, 1);

  return g_steal_pointer (&self);
}

LwOutboxItem *
lw_outbox_item_new (const char *request,
                    const char *title,
                    LwEventKind kind,
                    GDateTime *written,
                    JsonObject *content,
                    guint seen_seq,
                    const char *seen_digest)
{
  LwOutboxItem *self;

  g_return_val_if_fail (request != NULL, NULL);
  g_return_val_if_fail (written != NULL, NULL);
  g_return_val_if_fail (content != NULL, NULL);

  self = g_atomic_rc_box_new0 (LwOutboxItem);
  self->request = g_strdup (request);
  self->title = g_strdup (title);
  self->kind = kind;
  self->written = g_date_time_to_utc (written);
  self->content = lw_json_object_copy (content);
  self->seen_seq = seen_seq;
  self->seen_digest = g_strdup (seen_digest);
  self->attempts = g_new0 (char *, 1);

  return self;
}

void
lw_outbox_item_set_attempt (LwOutboxItem *self, LwEvent *event)
{
  const char *const attempts[] = { event->sha256, NULL };

  g_clear_pointer (&self->attempt, g_bytes_unref);
  self->attempt = g_bytes_ref (event->bytes);
  g_strfreev (self->attempts);
  self->attempts = g_strdupv ((GStrv) attempts);
}

LwOutboxItem *
lw_outbox_item_ref (LwOutboxItem *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
item_clear (gpointer data)
{
  LwOutboxItem *self = data;

  g_free (self->request);
  g_free (self->title);
  g_clear_pointer (&self->written, g_date_time_unref);
  g_clear_pointer (&self->content, json_object_unref);
  g_free (self->seen_digest);
  g_free (self->problem);
  g_clear_pointer (&self->tried, g_date_time_unref);
  g_clear_pointer (&self->discarded, g_date_time_unref);
  g_clear_pointer (&self->attempt, g_bytes_unref);
  g_strfreev (self->attempts);
}

void
lw_outbox_item_unref (LwOutboxItem *self)
{
  g_atomic_rc_box_release_full (self, item_clear);
}

/* --- what was begun ----------------------------------------------------------------------------- */

char *
lw_begun_sum (const LwOutboxOwner *owner,
              const char *machine,
              const char *request,
              const char *digest,
              const char *what,
              gint64 at,
              const char *grants)
{
  g_autofree char *instant = g_strdup_printf ("%" G_GINT64_FORMAT, at);

  return lw_outbox_sum (owner->ledger, owner->tenant, owner->oid, machine, request, digest, what,
                        instant, grants, NULL);
}

LwBegun *
lw_begun_read (sqlite3_stmt *row, GError **error)
{
  g_autoptr (LwBegun) self = g_atomic_rc_box_new0 (LwBegun);
  g_autoptr (JsonNode) grants = NULL;
  g_autofree char *sum = lw_outbox_sum (plain (row, 8), plain (row, 9), plain (row, 10),
                                        plain (row, 7), plain (row, 0), plain (row, 1),
                                        plain (row, 2), plain (row, 3), plain (row, 4), NULL);

  self->at = column_instant (row, 3);
  if (strcmp (sum, plain (row, 6)) != 0 || !self->at ||
      !(grants = lw_json_parse_string (plain (row, 4), NULL)) || !JSON_NODE_HOLDS_ARRAY (grants))
    {
      fail_damaged (error);
      return NULL;
    }

  self->request = column_text (row, 0);
  self->digest = column_text (row, 1);
  self->what = column_text (row, 2);
  self->grants = json_array_ref (json_node_get_array (grants));
  self->state = column_text (row, 5);

  return g_steal_pointer (&self);
}

LwBegun *
lw_begun_ref (LwBegun *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
begun_clear (gpointer data)
{
  LwBegun *self = data;

  g_free (self->request);
  g_free (self->digest);
  g_free (self->what);
  g_clear_pointer (&self->at, g_date_time_unref);
  g_clear_pointer (&self->grants, json_array_unref);
  g_free (self->state);
}

void
lw_begun_unref (LwBegun *self)
{
  g_atomic_rc_box_release_full (self, begun_clear);
}
