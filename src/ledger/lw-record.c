/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-state.h"
#include "lw-record.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ID_LENGTH  36
#define SEQ_DIGITS 6

struct _LwRecord
{
  GHashTable *events;   /* name → LwEvent */
  GHashTable *problems; /* name → sentence, of those that could not be read */
  GHashTable *seals;    /* name → GINT_TO_POINTER (whether it is what it says) */
};

LwRecord *
lw_record_new (void)
{
  LwRecord *self = g_new0 (LwRecord, 1);

  self->events =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) lw_event_unref);
  self->problems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->seals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
lw_record_free (LwRecord *self)
{
  if (!self)
    return;

  g_hash_table_unref (self->events);
  g_hash_table_unref (self->problems);
  g_hash_table_unref (self->seals);
  g_free (self);
}

char *
lw_record_event_name (const char *request_id, guint seq)
{
  return g_strdup_printf ("%s/%06u.json", request_id, seq);
}

char *
lw_record_seal_name (const char *request_id, const char *digest, const char *oid)
{
  g_autofree char *name = lw_seal_name (digest, oid);

  return g_strdup_printf ("%s/%s.json", request_id, name);
}

char *
lw_record_marker_name (const char *request_id, guint seq, GDateTime *at)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (at);
  g_autofree char *hour = g_date_time_format (utc, "%Y-%m-%d/%H");

  return g_strdup_printf ("%s/%s-%06u", hour, request_id, seq);
}

char *
lw_record_request_of (const char *name)
{
  g_autofree char *id = NULL;
  g_autofree char *lower = NULL;

  if (strlen (name) <= ID_LENGTH + 1 || name[ID_LENGTH] != '/')
    return NULL;

  id = g_strndup (name, ID_LENGTH);
  lower = g_ascii_strdown (id, -1);
  if (!lw_uuid_is_valid (id) || strcmp (id, lower) != 0)
    return NULL;

  return g_steal_pointer (&id);
}

guint
lw_record_seq_of (const char *name)
{
  g_autofree char *id = lw_record_request_of (name);
  const char *digits = id ? name + ID_LENGTH + 1 : "";

  if (strspn (digits, "0123456789") != SEQ_DIGITS || strcmp (digits + SEQ_DIGITS, ".json") != 0)
    return 0;

  return (guint) g_ascii_strtoull (digits, NULL, 10);
}

gboolean
lw_record_is_seal (const char *name)
{
  g_autofree char *id = lw_record_request_of (name);

  return id && g_str_has_suffix (name, ".json");
}

void
lw_record_take_event (LwRecord *self, const char *name, LwEvent *event, const char *problem)
{
  g_autofree char *id = lw_record_request_of (name);

  g_hash_table_remove (self->problems, name);

  if (event && g_ascii_strcasecmp (event->request, id) == 0 &&
      event->seq == lw_record_seq_of (name))
    g_hash_table_insert (self->events, g_strdup (name), lw_event_ref (event));
  else
    g_hash_table_insert (self->problems, g_strdup (name),
                         g_strdup (event ? _ ("it belongs to another place") : problem));
}

/* "<digest>-<oid>.json" must say what the object says. */
void
lw_record_take_seal (LwRecord *self, const char *name, GBytes *bytes)
{
  g_autofree char *id = lw_record_request_of (name);
  const char *file = name + ID_LENGTH + 1;
  gsize length = strlen (file);
  g_autofree char *digest = NULL;
  g_autofree char *oid = NULL;
  gboolean matches = FALSE;

  if (id && length == 64 + 1 + ID_LENGTH + strlen (".json") && file[64] == '-')
    {
      digest = g_strndup (file, 64);
      oid = g_strndup (file + 65, ID_LENGTH);
      matches = lw_seal_matches (bytes, id, digest, oid);
    }

  g_hash_table_insert (self->seals, g_strdup (name), GINT_TO_POINTER (matches));
}

const char *
lw_record_get_problem (LwRecord *self, const char *name)
{
  return g_hash_table_lookup (self->problems, name);
}

static gboolean
is_sealed (const char *request, const char *digest, const char *oid, gpointer user_data)
{
  LwRecord *self = user_data;
  g_autofree char *name = lw_record_seal_name (request, digest, oid);

  return GPOINTER_TO_INT (g_hash_table_lookup (self->seals, name));
}

static void
add_flag (GPtrArray *flags, guint seq, const char *message)
{
  LwFlag *flag = g_new0 (LwFlag, 1);

  flag->seq = seq;
  flag->id = g_strdup (seq > 0 ? "ledger.foreign" : "ledger.stray");
  flag->message = g_strdup (message);
  g_ptr_array_add (flags, flag);
}

static void
flag_stray (LwRecord *self, GPtrArray *flags, const char *name)
{
  const char *problem = g_hash_table_lookup (self->problems, name);
  g_autofree char *message = NULL;

  if (problem)
    message = g_strdup_printf (_ ("The file %s is no entry of this request: %s"), name, problem);
  else
    message = g_strdup_printf (_ ("The file %s does not belong to a ledger"), name);

  add_flag (flags, lw_record_seq_of (name), message);
}

LwCase *
lw_record_fold (LwRecord *self,
                const char *request_id,
                const char *const *names,
                LwRulebook *rulebook,
                LwHierarchy *hierarchy)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);
  LwCase *value;

  for (gsize i = 0; names[i]; i++)
    {
      LwEvent *event = g_hash_table_lookup (self->events, names[i]);

      if (event)
        g_ptr_array_add (events, lw_event_ref (event));
    }

  value = lw_case_fold (request_id, events, is_sealed, self, lw_case_rules_for (events, rulebook),
                        hierarchy);

  for (gsize i = 0; names[i]; i++)
    {
      if (!g_hash_table_contains (self->events, names[i]))
        flag_stray (self, value->flags, names[i]);
    }

  return value;
}
