/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-store.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_NAME 512

G_DEFINE_ABSTRACT_TYPE (LwStore, lw_store, G_TYPE_OBJECT)

static const char *const shelf_names[LW_SHELF_COUNT] = {
  [LW_SHELF_REQUESTS] = "requests", [LW_SHELF_EVIDENCE] = "evidence", [LW_SHELF_SEALS] = "seals",
  [LW_SHELF_RULES] = "rules",       [LW_SHELF_LOG] = "log",
};

const char *
lw_shelf_to_string (LwShelf shelf)
{
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  return shelf_names[shelf];
}

/* Walks the segments; the last one may be empty in a prefix. */
static gboolean
check_name (const char *name, gboolean prefix)
{
  gsize segment = 0;

  if (!name || strlen (name) > MAX_NAME)
    return FALSE;

  for (const char *c = name; *c; c++)
    {
      if (*c == '/')
        {
          if (segment == 0)
            return FALSE;
          segment = 0;
          continue;
        }

      if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_' && *c != '.')
        return FALSE;
      /* Blob Storage takes neither of these for what they are. */
      if (*c == '.' && (segment == 0 || c[1] == '.' || (!prefix && (c[1] == '/' || c[1] == '\0'))))
        return FALSE;
      segment++;
    }

  return prefix || segment > 0;
}

gboolean
lw_store_name_is_valid (const char *name)
{
  return check_name (name, FALSE);
}

static void
lw_store_class_init (LwStoreClass *klass)
{
}

static void
lw_store_init (LwStore *self)
{
}

static DexFuture *
reject_name (const char *name)
{
  g_autofree char *shown = name ? g_utf8_make_valid (name, -1) : g_strdup ("");

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                _ ("“%s” cannot name an object of the ledger"), shown);
}

DexFuture *
lw_store_put_new (LwStore *self, LwShelf shelf, const char *name, GBytes *bytes)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  if (!check_name (name, FALSE))
    return reject_name (name);

  return LW_STORE_GET_CLASS (self)->put_new (self, shelf, name, bytes);
}

DexFuture *
lw_store_get (LwStore *self, LwShelf shelf, const char *name)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  if (!check_name (name, FALSE))
    return reject_name (name);

  return LW_STORE_GET_CLASS (self)->get (self, shelf, name);
}

DexFuture *
lw_store_survey (LwStore *self, LwShelf shelf, const char *prefix)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  if (!prefix)
    prefix = "";
  if (!check_name (prefix, TRUE))
    return reject_name (prefix);

  return LW_STORE_GET_CLASS (self)->survey (self, shelf, prefix);
}

static DexFuture *
take_names (DexFuture *future, gpointer user_data)
{
  const LwListing *listing = g_value_get_boxed (dex_future_get_value (future, NULL));

  return dex_future_new_take_boxed (G_TYPE_STRV, lw_listing_dup_names (listing));
}

DexFuture *
lw_store_list (LwStore *self, LwShelf shelf, const char *prefix)
{
  g_return_val_if_fail (LW_IS_STORE (self), NULL);
  g_return_val_if_fail (shelf < LW_SHELF_COUNT, NULL);

  return dex_future_then (lw_store_survey (self, shelf, prefix), take_names, NULL, NULL);
}

/* --- listings ----------------------------------------------------------------------------------- */

G_DEFINE_BOXED_TYPE (LwListing, lw_listing, lw_listing_ref, lw_listing_unref)

static void
listed_clear (gpointer data)
{
  g_free (((LwListed *) data)->name);
}

LwListing *
lw_listing_new (void)
{
  LwListing *self = g_atomic_rc_box_new0 (LwListing);

  self->objects = g_array_new (FALSE, FALSE, sizeof (LwListed));
  g_array_set_clear_func (self->objects, listed_clear);

  return self;
}

LwListing *
lw_listing_ref (LwListing *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
listing_clear (gpointer data)
{
  g_array_unref (((LwListing *) data)->objects);
}

void
lw_listing_unref (LwListing *self)
{
  g_atomic_rc_box_release_full (self, listing_clear);
}

GStrv
lw_listing_dup_names (const LwListing *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->objects->len; i++)
    {
      const LwListed *listed = lw_listing_get (self, i);

      if (!listed->stray)
        g_strv_builder_add (names, listed->name);
    }

  return g_strv_builder_end (names);
}

/* FNV-1a: told apart is all that they have to be. */
static guint64
stamp_of (const char *text)
{
  guint64 stamp = G_GUINT64_CONSTANT (14695981039346656037);

  for (const char *c = text; *c; c++)
    stamp = (stamp ^ (guchar) *c) * G_GUINT64_CONSTANT (1099511628211);

  return MAX (stamp, 1);
}

void
lw_listing_add (LwListing *self, const char *name, const char *stamp)
{
  LwListed listed = { NULL, stamp ? stamp_of (stamp) : 0, !check_name (name, FALSE) };

  listed.name = listed.stray ? g_utf8_make_valid (name, -1) : g_strdup (name);
  for (char *c = listed.name; listed.stray && *c; c++)
    {
      if (g_ascii_iscntrl (*c))
        *c = '?';
    }
  g_array_append_val (self->objects, listed);
}

static int
compare_listed (gconstpointer a, gconstpointer b)
{
  return strcmp (((const LwListed *) a)->name, ((const LwListed *) b)->name);
}

void
lw_listing_sort (LwListing *self)
{
  gboolean sorted = TRUE;

  for (guint i = 1; i < self->objects->len && sorted; i++)
    sorted = compare_listed (lw_listing_get (self, i - 1), lw_listing_get (self, i)) <= 0;
  if (sorted)
    return;

  g_array_sort (self->objects, compare_listed);
}
