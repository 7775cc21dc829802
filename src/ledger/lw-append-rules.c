/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-fault-point.h"
#include "lw-json.h"
#include "lw-ledger-private.h"
#include "lw-rules-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  LwLedger *self;
  guint expected_seq;
  LwRules *rules;
  LwPerson *by;
  char *tenant;
  GDateTime *at;
} Append;

static void
append_free (gpointer data)
{
  Append *append = data;

  g_object_unref (append->self);
  lw_rules_unref (append->rules);
  lw_person_free (append->by);
  g_free (append->tenant);
  g_date_time_unref (append->at);
  g_free (append);
}

static const char *
label (const LwPerson *person)
{
  if (person->name && *person->name)
    return person->name;

  return person->upn && *person->upn ? person->upn : person->id;
}

static gboolean
set_taken (LwLedger *self, GError **error)
{
  GPtrArray *history = self->rules_history;
  const LwRulesEntry *newest = history->len ? g_ptr_array_index (history, history->len - 1) : NULL;

  g_set_error (
      error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
      _ ("%s has changed the rules in the meantime. Nothing of yours was recorded: compare "
         "both and decide anew"),
      newest ? label (newest->by) : _ ("Somebody else"));

  return FALSE;
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, message);

  return FALSE;
}

static gboolean
check (Append *append, GError **error)
{
  LwLedger *self = append->self;
  LwRules *now = self->rules;
  guint last = lw_ledger_get_rules_last_seq (self);

  if (last != append->expected_seq)
    return set_taken (self, error);
  if (lw_rules_administrators (append->rules)->len == 0)
    return refuse (error, _ ("These rules name no administrator, so that nobody could change them "
                             "again"));
  if (last > 0 && !lw_rules_is_administrator (now, append->by->id))
    {
      const GPtrArray *administrators = lw_rules_administrators (now);

      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("Only an administrator of the rules may change them; ask %s"),
                   administrators->len ? label (g_ptr_array_index (administrators, 0))
                                       : _ ("whoever keeps the ledger"));
      return FALSE;
    }
  if (last == 0 && !lw_rules_is_administrator (append->rules, append->by->id))
    return refuse (error, _ ("The first rules must name you as an administrator: who sets them "
                             "answers for them"));

  return TRUE;
}

static const LwRulesEntry *
last_of (LwLedger *self)
{
  return g_ptr_array_index (self->rules_history, self->rules_history->len - 1);
}

/* What is in the ledger now, and not what was read before. Awaits. */
static gboolean
read_now (LwLedger *self, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (!lw_ledger_read_rules (self, LW_SYNC_NEW, &cause))
    {
      if (!lw_ledger_lost_cache (cause))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
      if (!lw_ledger_read_rules (self, LW_SYNC_NEW, error))
        return FALSE;
    }

  return lw_ledger_update (self, error);
}

static GBytes *
entry_bytes (Append *append, guint seq)
{
  g_autoptr (JsonObject) entry = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) person = lw_person_to_json (append->by);
  g_autofree char *at = lw_instant_format (append->at);
  JsonObject *by = lw_json_object_copy (json_node_get_object (person));
  JsonObject *body = json_object_new ();
  char *text;

  lw_json_set_string (by, "tenant", append->tenant);
  json_object_set_member (body, "rules", lw_rules_to_json (append->rules));
  json_object_set_int_member (entry, "version", 1);
  json_object_set_int_member (entry, "seq", seq);
  lw_json_set_string (entry, "kind", "rules-changed");
  lw_json_set_string (entry, "at", at);
  json_object_set_object_member (entry, "by", by);
  lw_json_set_string (entry, "prev", seq > 1 ? last_of (append->self)->sha256 : "");
  json_object_set_object_member (entry, "body", body);
  node = lw_json_object_to_node (entry);
  text = lw_json_canonical (node, NULL);

  return g_bytes_new_take (text, strlen (text));
}

/* Puts @bytes, or finds that they are there: after an answer that was lost. Awaits. */
static gboolean
put (LwLedger *self, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GBytes) stored = NULL;

  if (dex_await (lw_store_put_new (self->store, LW_SHELF_RULES, name, bytes), &put_error))
    return TRUE;

  stored = dex_await_boxed (lw_store_get (self->store, LW_SHELF_RULES, name), NULL);
  if (stored && g_bytes_equal (stored, bytes))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&put_error));

  return FALSE;
}

static DexFuture *
append_fiber (gpointer data)
{
  Append *append = data;
  LwLedger *self = append->self;
  g_autofree char *name = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  guint seq;

  if (!read_now (self, &error) || !check (append, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  seq = lw_ledger_get_rules_last_seq (self) + 1;
  name = g_strdup_printf ("%06u.json", seq);
  bytes = entry_bytes (append, seq);
  if (!put (self, name, bytes, &error))
    {
      if (g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN) && read_now (self, NULL))
        {
          g_clear_error (&error);
          set_taken (self, &error);
        }
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  LW_FAULT_POINT (RULES_WRITTEN);

  return lw_ledger_load_rules (self);
}

DexFuture *
lw_ledger_append_rules (LwLedger *self,
                        guint expected_seq,
                        LwRules *rules,
                        const LwPerson *by,
                        const char *tenant,
                        GDateTime *at)
{
  Append *append;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (rules != NULL, NULL);
  g_return_val_if_fail (by != NULL && by->id != NULL, NULL);
  g_return_val_if_fail (at != NULL, NULL);

  append = g_new0 (Append, 1);
  append->self = g_object_ref (self);
  append->expected_seq = expected_seq;
  append->rules = lw_rules_ref (rules);
  append->by = lw_person_copy (by);
  append->tenant = g_strdup (tenant);
  append->at = g_date_time_to_utc (at);

  return lw_ledger_run (self, append_fiber, append, append_free);
}

guint
lw_ledger_get_rules_last_seq (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), 0);

  return self->rules_history->len;
}

GPtrArray *
lw_ledger_get_rules_history (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->rules_history;
}
