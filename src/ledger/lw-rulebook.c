/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-json.h"
#include "lw-rulebook.h"

#include <glib/gi18n-lib.h>

#define MAX_ENTRY (4 * 1024 * 1024)

typedef struct
{
  guint seq;
  char *sha256;
  LwRules *rules;
} Entry;

struct _LwRulebook
{
  GPtrArray *entries; /* those that count, the defaults first */
  GPtrArray *problems;
  GPtrArray *history; /* (element-type LwRulesEntry) */
  guint last_seq;
  char *last_sha256;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->sha256);
  lw_rules_unref (entry->rules);
  g_free (entry);
}

static void
history_free (gpointer data)
{
  LwRulesEntry *entry = data;

  g_free (entry->sha256);
  g_clear_pointer (&entry->at, g_date_time_unref);
  lw_person_free (entry->by);
  lw_rules_unref (entry->rules);
  g_free (entry);
}

static void
add_history (LwRulebook *self,
             guint seq,
             const char *sha256,
             const char *at,
             const LwPerson *by,
             LwRules *rules,
             gboolean counts)
{
  LwRulesEntry *entry = g_new0 (LwRulesEntry, 1);

  entry->seq = seq;
  entry->sha256 = g_strdup (sha256);
  entry->at = at ? lw_instant_parse (at, NULL) : NULL;
  entry->by = lw_person_copy (by);
  entry->rules = lw_rules_ref (rules);
  entry->counts = counts;
  g_ptr_array_add (self->history, entry);
}

static void
add_entry (LwRulebook *self, guint seq, const char *sha256, LwRules *rules)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->seq = seq;
  entry->sha256 = g_strdup (sha256);
  entry->rules = lw_rules_ref (rules);
  g_ptr_array_add (self->entries, entry);
}

LwRulebook *
lw_rulebook_new (void)
{
  LwRulebook *self = g_new0 (LwRulebook, 1);
  g_autoptr (LwRules) defaults = lw_rules_new_default ();
  g_autofree char *digest = lw_rules_digest (defaults);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->history = g_ptr_array_new_with_free_func (history_free);
  self->last_sha256 = g_strdup ("");
  add_entry (self, 0, digest, defaults);

  return self;
}

void
lw_rulebook_free (LwRulebook *self)
{
  if (!self)
    return;

  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->history);
  g_free (self->last_sha256);
  g_free (self);
}

guint
lw_rulebook_next_seq (LwRulebook *self)
{
  return self->last_seq + 1;
}

static Entry *
newest (LwRulebook *self)
{
  return g_ptr_array_index (self->entries, self->entries->len - 1);
}

static gboolean
broken (GError **error, guint seq, const char *why)
{
  g_set_error (
      error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
      _ ("The organisation’s rules in the ledger are damaged at entry %u: %s. Nothing can be "
         "decided until an administrator of the storage has looked at it"),
      seq, why);
  return FALSE;
}

static gboolean
follows (LwRulebook *self, JsonObject *entry, GError **error)
{
  guint seq = self->last_seq + 1;

  if (lw_json_get_int (entry, "version", 0) != 1)
    return broken (error, seq, _ ("it is of a version that this Leeway does not know"));
  if (lw_json_get_int (entry, "seq", 0) != seq ||
      g_strcmp0 (lw_json_get_string (entry, "kind"), "rules-changed") != 0)
    return broken (error, seq, _ ("it is no entry of the rules with that number"));
  if (g_strcmp0 (lw_json_get_string (entry, "prev"), self->last_sha256) != 0)
    return broken (error, seq, _ ("it does not follow from the entry before it"));

  return TRUE;
}

gboolean
lw_rulebook_add (LwRulebook *self, GBytes *bytes, GError **error)
{
  guint seq = self->last_seq + 1;
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonNode) node = lw_json_parse (bytes, MAX_ENTRY, &cause);
  g_autoptr (LwPerson) by = NULL;
  g_autoptr (LwRules) rules = NULL;
  JsonObject *entry = lw_json_node_object (node);
  JsonNode *content;
  gboolean counts;

  if (!entry)
    return broken (error, seq, cause ? cause->message : _ ("it is no JSON object"));
  if (!follows (self, entry, error))
    return FALSE;

  content = lw_json_path (entry, "body.rules");
  by = lw_person_from_json (json_object_get_member (entry, "by"), "by", NULL);
  if (!by || !by->id || !content || !(rules = lw_rules_from_json (content, &cause)))
    return broken (error, seq, cause ? cause->message : _ ("it holds no rules, or nobody’s name"));

  counts = self->last_seq == 0 || lw_rules_is_administrator (newest (self)->rules, by->id);
  add_history (self, seq, sha256, lw_json_get_string (entry, "at"), by, rules, counts);
  if (counts)
    add_entry (self, seq, sha256, rules);
  else
    g_ptr_array_add (
        self->problems,
        g_strdup_printf (_ ("Entry %u of the rules does not count: %s is no administrator "
                            "of the rules before it"),
                         seq, by->upn ? by->upn : by->id));

  self->last_seq = seq;
  g_set_str (&self->last_sha256, sha256);

  return TRUE;
}

GPtrArray *
lw_rulebook_copy_history (LwRulebook *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (history_free);

  for (guint i = 0; i < self->history->len; i++)
    {
      const LwRulesEntry *entry = g_ptr_array_index (self->history, i);
      LwRulesEntry *twin = g_new0 (LwRulesEntry, 1);

      twin->seq = entry->seq;
      twin->sha256 = g_strdup (entry->sha256);
      twin->at = entry->at ? g_date_time_ref (entry->at) : NULL;
      twin->by = lw_person_copy (entry->by);
      twin->rules = lw_rules_ref (entry->rules);
      twin->counts = entry->counts;
      g_ptr_array_add (copy, twin);
    }

  return copy;
}

LwRules *
lw_rulebook_get_rules (LwRulebook *self)
{
  return newest (self)->rules;
}

guint
lw_rulebook_get_seq (LwRulebook *self)
{
  return newest (self)->seq;
}

const char *
lw_rulebook_get_sha256 (LwRulebook *self)
{
  return newest (self)->sha256;
}

const char *
lw_rulebook_get_last_sha256 (LwRulebook *self)
{
  return self->last_sha256;
}

LwRules *
lw_rulebook_lookup (LwRulebook *self, guint seq, const char *sha256)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (entry->seq == seq && g_strcmp0 (entry->sha256, sha256) == 0)
        return entry->rules;
    }

  return NULL;
}

GPtrArray *
lw_rulebook_get_problems (LwRulebook *self)
{
  return self->problems;
}
