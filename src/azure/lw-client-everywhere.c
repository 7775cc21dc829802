/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All objects of a kind: one query of Resource Graph, or a list at each scope. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-client-private.h"

#define MAX_NAMES 3 /* of scopes, in a sentence */

typedef struct
{
  LwClient *client;
  const LwEverywhere *kind;
  GPtrArray *found;
  GHashTable *seen;  /* ids, owned by the values in @found */
  GPtrArray *hidden; /* names of the scopes that answer nothing to this person */
} Search;

static void
search_free (gpointer data)
{
  Search *self = data;

  g_object_unref (self->client);
  g_ptr_array_unref (self->found);
  g_hash_table_unref (self->seen);
  g_ptr_array_unref (self->hidden);
  g_free (self);
}

/* Moves what was read there and not found before. */
static void
take_found (Search *self, LwPage *page)
{
  g_autoptr (GPtrArray) some = NULL;

  /* What was wrong before may be right by now. */
  for (guint i = 0; i < page->values->len; i++)
    g_hash_table_remove (self->client->damaged,
                         self->kind->id_of (g_ptr_array_index (page->values, i)));
  some = lw_client_take_page (self->client, page);

  for (guint i = 0; i < some->len; i++)
    {
      gpointer value = g_ptr_array_index (some, i);
      const char *id = self->kind->id_of (value);

      /* g_hash_table_add() would put the new key in the place of the one there. */
      if (g_hash_table_contains (self->seen, id))
        {
          self->kind->destroy (value);
          continue;
        }
      g_hash_table_add (self->seen, (gpointer) id);
      g_ptr_array_add (self->found, value);
    }
  g_ptr_array_set_free_func (some, NULL);
}

/* One scope, on a fiber of its own. */
static DexFuture *
scope_fiber (gpointer data)
{
  LwCall *at = data;
  const LwEverywhere *kind = at->constant;
  g_autoptr (GError) error = NULL;
  const LwPageReader reader = { "value", kind->read, kind->destroy };
  LwArmCall call = { .method = "GET" };
  LwPage *page;

  kind->call (at->a, &call);
  page = lw_arm_await_page (at->client, &call, &reader, &error);
  return page != NULL ? dex_future_new_take_boxed (LW_TYPE_PAGE, page)
                      : dex_future_new_for_error (g_steal_pointer (&error));
}

static DexFuture *
start_scope (LwClient *client, gpointer item, gpointer user_data)
{
  Search *self = user_data;
  LwCall *at = lw_call_new (client, item, NULL);

  at->constant = self->kind;
  return lw_spawn (scope_fiber, at, lw_call_free);
}

static gboolean
finish_scope (gpointer item,
              const GValue *value,
              const GError *error,
              gpointer user_data,
              GError **failure)
{
  Search *self = user_data;

  if (value != NULL)
    take_found (self, g_value_get_boxed (value));
  else if (lw_error_is_invisible (error))
    g_ptr_array_add (self->hidden, lw_arm_id_name (item));
  else
    {
      g_propagate_error (failure, g_error_copy (error));
      return FALSE;
    }
  return TRUE;
}

/* The names of the first few. (transfer full) */
static char *
name_hidden (const Search *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) first = NULL;

  for (guint i = 0; i < MIN (self->hidden->len, MAX_NAMES); i++)
    g_strv_builder_add (names, g_ptr_array_index (self->hidden, i));
  first = g_strv_builder_end (names);
  return g_strjoinv (", ", first);
}

static void
note_hidden (const Search *self)
{
  guint n = self->hidden->len;
  g_autofree char *names = name_hidden (self);
  g_autofree char *message = g_strdup_printf (
      n <= MAX_NAMES ? ngettext ("%u scope did not show its objects to this account, so that they "
                                 "are missing here: %s",
                                 "%u scopes did not show their objects to this account, so that "
                                 "they are missing here: %s",
                                 n)
                     : ngettext ("%u scope did not show its objects to this account, so that they "
                                 "are missing here: %s and others",
                                 "%u scopes did not show their objects to this account, so that "
                                 "they are missing here: %s and others",
                                 n),
      n, names);

  lw_client_add_notice (self->client, "lists.hidden-scopes", message);
}

static gboolean
by_rest (Search *self, GError **error)
{
  g_autoptr (GPtrArray) scopes = self->kind->scopes (self->client, error);

  if (scopes == NULL || !lw_fan_out (self->client, scopes, start_scope, finish_scope, self, error))
    return FALSE;
  if (self->hidden->len > 0)
    note_hidden (self);
  return TRUE;
}

static gboolean
by_graph (Search *self, GError **error)
{
  g_autoptr (LwPage) rows =
      dex_await_boxed (lw_resource_graph_query (self->client, self->kind->query, TRUE, 0,
                                                self->kind->read, self->kind->destroy),
                       error);

  if (rows != NULL)
    take_found (self, rows);
  return rows != NULL;
}

static DexFuture *
search_fiber (gpointer data)
{
  Search *self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = self->client->cloud->policy_in_graph && by_graph (self, &error);

  if (!done && (error == NULL || lw_error_has_other_way (error)))
    {
      g_clear_error (&error);
      done = by_rest (self, &error);
    }
  return lw_future_take_array (done ? g_ptr_array_ref (self->found) : NULL,
                               g_steal_pointer (&error));
}

DexFuture *
lw_client_find_everywhere (LwClient *self, const LwEverywhere *kind)
{
  Search *search = g_new0 (Search, 1);

  search->client = g_object_ref (self);
  search->kind = kind;
  search->found = g_ptr_array_new_with_free_func (kind->destroy);
  search->seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  search->hidden = g_ptr_array_new_with_free_func (g_free);
  return lw_spawn (search_fiber, search, search_free);
}
