/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-archive-private.h"
#include "lw-case-state.h"
#include "lw-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Cases that are kept with all of their events. */
#define MAX_RECENT 16

/* --- the object --------------------------------------------------------------------------------- */

static void
known_free (gpointer data)
{
  LwKnown *known = data;

  lw_case_unref (known->value);
  g_free (known);
}

static void
recent_free (gpointer data)
{
  LwRecent *recent = data;

  g_free (recent->sum);
  lw_case_unref (recent->value);
  g_free (recent);
}

LwArchive *
lw_archive_new (const char *folder)
{
  LwArchive *self = g_atomic_rc_box_new0 (LwArchive);

  self->folder = g_strdup (folder);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, known_free);
  self->recent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, recent_free);
  self->examined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ghosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rulebook = lw_rulebook_new ();

  return self;
}

LwArchive *
lw_archive_ref (LwArchive *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
archive_clear (gpointer data)
{
  LwArchive *self = data;

  g_clear_pointer (&self->cache, lw_cache_free);
  g_clear_pointer (&self->rulebook, lw_rulebook_free);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->recent);
  g_hash_table_unref (self->examined);
  g_hash_table_unref (self->asked);
  g_hash_table_unref (self->ghosts);
  g_free (self->folder);
  g_free (self->notice);
  g_free (self->basis);
}

void
lw_archive_unref (LwArchive *self)
{
  g_atomic_rc_box_release_full (self, archive_clear);
}

static void
forget_basis (LwArchive *self)
{
  g_clear_pointer (&self->basis, g_free);
  g_hash_table_remove_all (self->known);
}

/* The rules that were read before, as far as they follow from each other. */
static gboolean
load_rules (LwArchive *self, GError **error)
{
  g_autoptr (GPtrArray) entries = lw_cache_get_shelf (self->cache, LW_SHELF_RULES, error);

  if (!entries)
    return FALSE;

  g_clear_pointer (&self->rulebook, lw_rulebook_free);
  self->rulebook = lw_rulebook_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      LwCacheObject *entry = g_ptr_array_index (entries, i);
      g_autofree char *expected =
          g_strdup_printf ("%06u.json", lw_rulebook_next_seq (self->rulebook));

      if (!entry->bytes || strcmp (entry->name, expected) != 0 ||
          !lw_rulebook_add (self->rulebook, entry->bytes, NULL))
        return lw_cache_fail_damaged (error, entry->name);
    }
  forget_basis (self);

  return TRUE;
}

static void
take_notice (LwArchive *self, char *notice)
{
  if (!notice)
    return;

  g_free (self->notice);
  self->notice = notice;
}

gboolean
lw_archive_failed (LwArchive *self, const GError *error)
{
  char *notice = NULL;

  if (!self->cache || error->domain != LW_CACHE_ERROR || error->code == LW_CACHE_ERROR_BUSY)
    return FALSE;

  self->cache = lw_cache_replace (self->cache, error, &notice);
  take_notice (self, notice);
  forget_basis (self);
  g_hash_table_remove_all (self->examined);
  g_hash_table_remove_all (self->asked);
  g_hash_table_remove_all (self->ghosts);
  g_clear_pointer (&self->rulebook, lw_rulebook_free);
  self->rulebook = lw_rulebook_new ();

  return FALSE;
}

gboolean
lw_archive_open (LwArchive *self, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char *notice = NULL;

  if (self->cache)
    return TRUE;

  self->cache = lw_cache_open (self->folder, &notice);
  take_notice (self, notice);
  if (load_rules (self, &cause))
    return TRUE;

  if (g_error_matches (cause, LW_CACHE_ERROR, LW_CACHE_ERROR_BUSY))
    g_clear_pointer (&self->cache, lw_cache_free);
  else
    lw_archive_failed (self, cause);
  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}

const char *
lw_archive_get_notice (LwArchive *self)
{
  return self->notice;
}

LwCache *
lw_archive_get_cache (LwArchive *self)
{
  return self->cache;
}

void
lw_archive_set_hierarchy (LwArchive *self, LwHierarchy *hierarchy)
{
  if (self->hierarchy == hierarchy)
    return;

  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  if (hierarchy)
    self->hierarchy = lw_hierarchy_ref (hierarchy);
  g_clear_pointer (&self->basis,
                   g_free); /* what is known is dropped where it turns out to differ */
}

LwRulebook *
lw_archive_get_rulebook (LwArchive *self)
{
  return self->rulebook;
}

gboolean
lw_archive_end (LwArchive *self, gboolean done, GError **error)
{
  return lw_cache_end (self->cache, done, done ? error : NULL) && done;
}

gboolean
lw_archive_take_rules (LwArchive *self, GBytes *bytes, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (LwCacheObject) object = NULL;
  g_autoptr (GError) cause = NULL;
  LwCachePut result;
  gboolean done;

  if (!lw_archive_open (self, error))
    return FALSE;

  name = g_strdup_printf ("%06u.json", lw_rulebook_next_seq (self->rulebook));
  object = lw_cache_object_new (LW_SHELF_RULES, name, bytes);
  if (!lw_rulebook_add (self->rulebook, bytes, error))
    return FALSE;

  forget_basis (self);
  done = lw_cache_begin (self->cache, &cause) &&
         lw_archive_end (self, lw_cache_put (self->cache, object, NULL, &result, &cause), &cause);
  if (!done)
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
    }

  return done;
}

/* --- folding ------------------------------------------------------------------------------------ */

static void
add_branch (GString *text, LwHierarchy *hierarchy, const char *id, guint depth)
{
  g_autoptr (GPtrArray) children = lw_hierarchy_children (hierarchy, id);
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (children, NULL, NULL);

  g_ptr_array_sort_values (sorted, (GCompareFunc) strcmp);
  for (guint i = 0; i < sorted->len && depth < 16; i++)
    {
      const char *child = g_ptr_array_index (sorted, i);

      g_string_append_printf (text, "%s\n%s\n", id, child);
      add_branch (text, hierarchy, child, depth + 1);
    }
}

static void
add_hierarchy (GString *text, LwHierarchy *hierarchy)
{
  g_autoptr (GPtrArray) roots = lw_hierarchy_roots (hierarchy);
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (roots, NULL, NULL);

  g_ptr_array_sort_values (sorted, (GCompareFunc) strcmp);
  for (guint i = 0; i < sorted->len; i++)
    {
      const char *root = g_ptr_array_index (sorted, i);

      g_string_append_printf (text, "%s\n", root);
      add_branch (text, hierarchy, root, 0);
    }
}

/* Stands for all that a folded state depends on besides the objects of its request. */
const char *
lw_archive_basis (LwArchive *self)
{
  g_autoptr (GString) text = NULL;
  const char *const *languages;

  if (self->basis)
    return self->basis;

  languages = g_get_language_names ();
  text = g_string_new (NULL);
  g_string_append_printf (text, "%d %s %s\n%u %s\n", LW_CASE_STATE_VERSION, LW_VERSION,
                          languages[0] ? languages[0] : "", lw_rulebook_next_seq (self->rulebook),
                          lw_rulebook_get_last_sha256 (self->rulebook));
  if (self->hierarchy)
    add_hierarchy (text, self->hierarchy);
  self->basis = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);

  if (g_strcmp0 (self->basis, self->known_basis) != 0)
    {
      g_hash_table_remove_all (self->known);
      g_strlcpy (self->known_basis, self->basis, sizeof self->known_basis);
    }

  return self->basis;
}

static void
add_flag (GPtrArray *flags, guint seq, const char *id, char *message)
{
  LwFlag *flag = g_new0 (LwFlag, 1);

  flag->seq = seq;
  flag->id = g_strdup (id);
  flag->message = message;
  g_ptr_array_add (flags, flag);
}

static void
add_trouble (GPtrArray *flags, const LwTrouble *trouble)
{
  if (trouble->kind == LW_TROUBLE_GONE)
    add_flag (
        flags, lw_record_seq_of (trouble->name), "ledger.gone",
        g_strdup_printf (_ ("%s was read before, and is gone from the ledger. What Leeway read "
                            "then is shown."),
                         trouble->name));
  else
    add_flag (
        flags, lw_record_seq_of (trouble->name), "ledger.rewritten",
        g_strdup_printf (_ ("%s was changed in the ledger after it had been read. What Leeway "
                            "read first is shown, and counts."),
                         trouble->name));
}

/* An entry that cannot be one is not kept as read, so that a later listing tries it again. */
static void
take_object (LwRecord *record, const LwCacheObject *object, GHashTable *parsed, GPtrArray *spoilt)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwEvent) event = NULL;
  LwEvent *before;

  if (object->shelf == LW_SHELF_SEALS)
    {
      if (object->bytes)
        lw_record_take_seal (record, object->name, object->bytes);
      return;
    }
  if (lw_record_seq_of (object->name) == 0)
    return;

  if (object->bytes && (before = g_hash_table_lookup (parsed, object->sha256)))
    event = lw_event_ref (before);
  else if (object->bytes)
    event = lw_event_from_hashed_bytes (object->bytes, object->sha256, &error);
  lw_record_take_event (record, object->name, event, error ? error->message : object->problem);
  if (object->bytes && lw_record_get_problem (record, object->name))
    {
      LwCacheObject *spoil = lw_cache_object_new (object->shelf, object->name, NULL);

      spoil->problem = g_strdup (lw_record_get_problem (record, object->name));
      g_ptr_array_add (spoilt, spoil);
    }
}

void
lw_archive_fold_free (LwFold *self)
{
  g_free (self->request);
  g_clear_pointer (&self->objects, g_ptr_array_unref);
  g_clear_pointer (&self->trouble, g_ptr_array_unref);
  g_clear_pointer (&self->before, lw_case_unref);
  g_clear_pointer (&self->value, lw_case_unref);
  g_ptr_array_unref (self->spoilt);
  lw_cache_case_clear (&self->kept);
  g_clear_error (&self->error);
  g_free (self);
}

LwFold *
lw_archive_fold_begin (LwArchive *self, const char *request, GError **error)
{
  g_autoptr (LwFold) fold = g_new0 (LwFold, 1);

  fold->archive = self;
  fold->request = g_strdup (request);
  fold->spoilt = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_cache_object_free);
  fold->objects = lw_cache_read_objects (self->cache, request, error);
  if (!fold->objects || !(fold->trouble = lw_cache_get_trouble (self->cache, request, error)))
    return NULL;

  return g_steal_pointer (&fold);
}

void
lw_archive_fold_run (LwFold *fold)
{
  g_autoptr (LwRecord) record = lw_record_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_null_terminated (8, NULL, TRUE);
  g_autoptr (GHashTable) parsed = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; fold->before && i < fold->before->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (fold->before->events, i);

      g_hash_table_insert (parsed, event->sha256, event);
    }
  for (guint i = 0; i < fold->objects->len; i++)
    {
      LwCacheObject *object = g_ptr_array_index (fold->objects, i);

      if (!fold->checked && !lw_cache_object_check (object, &fold->error))
        return;
      take_object (record, object, parsed, fold->spoilt);
      if (object->shelf == LW_SHELF_REQUESTS)
        g_ptr_array_add (names, object->name);
    }

  fold->value = lw_record_fold (record, fold->request, (const char *const *) names->pdata,
                                fold->archive->rulebook, fold->archive->hierarchy);
  for (guint i = 0; i < fold->trouble->len; i++)
    add_trouble (fold->value->flags, g_ptr_array_index (fold->trouble, i));
}

/* Stands for all that a case is folded from. */
static char *
sum_of (LwArchive *self, const LwFold *fold)
{
  g_autoptr (GString) text = g_string_new (lw_archive_basis (self));

  for (guint i = 0; i < fold->objects->len; i++)
    {
      const LwCacheObject *object = g_ptr_array_index (fold->objects, i);

      g_string_append_printf (text, "\n%d %s %s %s", (int) object->shelf, object->name,
                              object->sha256 ? object->sha256 : "",
                              object->problem ? object->problem : "");
    }
  for (guint i = 0; i < fold->trouble->len; i++)
    {
      const LwTrouble *trouble = g_ptr_array_index (fold->trouble, i);

      g_string_append_printf (text, "\n%d %d %s", (int) trouble->kind, (int) trouble->shelf,
                              trouble->name);
    }

  return g_string_free_and_steal (g_steal_pointer (&text));
}

/* A request that is looked at is looked at again: who appends does so twice for each entry. */
static LwCase *
fold_recent (LwArchive *self, LwFold *fold, GError **error)
{
  g_autofree char *sum = sum_of (self, fold);
  LwRecent *recent = g_hash_table_lookup (self->recent, fold->request);

  for (guint i = 0; i < fold->objects->len; i++)
    {
      if (!lw_cache_object_check (g_ptr_array_index (fold->objects, i), error))
        return NULL;
    }
  fold->checked = TRUE;
  if (recent && g_str_equal (recent->sum, sum))
    return lw_case_ref (recent->value);

  fold->before = recent ? lw_case_ref (recent->value) : NULL;
  lw_archive_fold_run (fold);
  if (!fold->value)
    {
      g_propagate_error (error, g_steal_pointer (&fold->error));
      return NULL;
    }

  if (g_hash_table_size (self->recent) >= MAX_RECENT)
    g_hash_table_remove_all (self->recent);
  recent = g_new0 (LwRecent, 1);
  recent->sum = g_steal_pointer (&sum);
  recent->value = lw_case_ref (fold->value);
  g_hash_table_replace (self->recent, g_strdup (fold->request), recent);

  return lw_case_ref (fold->value);
}

LwCase *
lw_archive_fold (LwArchive *self, const char *request, GError **error)
{
  g_autoptr (LwFold) fold = NULL;
  g_autoptr (GError) cause = NULL;
  LwCase *value;

  if (!lw_archive_open (self, error))
    return NULL;

  if ((fold = lw_archive_fold_begin (self, request, &cause)) &&
      (value = fold_recent (self, fold, &cause)))
    return value;

  lw_archive_failed (self, cause);
  g_propagate_error (error, g_steal_pointer (&cause));

  return NULL;
}
