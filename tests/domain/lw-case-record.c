/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-case-record.h"

#include <string.h>

#include "lw-domain-fixture.h"
#include "lw-json.h"

void
record_init (Record *self, const char *rules)
{
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);
  self->seals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rules = fixture_rules (rules);
  self->minutes = 0;
}

void
record_clear (Record *self)
{
  g_ptr_array_unref (self->events);
  g_hash_table_unref (self->seals);
  lw_rules_unref (self->rules);
}

gboolean
has_seal (const char *request, const char *digest, const char *oid, gpointer user_data)
{
  Record *self = user_data;
  g_autofree char *name = lw_seal_name (digest, oid);

  return g_strcmp0 (request, FIXTURE_ID) == 0 && g_hash_table_contains (self->seals, name);
}

LwCase *
fold (Record *self)
{
  return lw_case_fold (FIXTURE_ID, self->events, has_seal, self, self->rules, NULL);
}

static LwEvent *
next_event (Record *self, LwEventKind kind, const char *who, JsonObject *body)
{
  g_autoptr (GDateTime) now = fixture_now ();
  g_autoptr (GDateTime) at = g_date_time_add_minutes (now, (int) self->minutes++);
  g_autoptr (LwPerson) by = lw_person_new (who, "Somebody", "somebody@contoso.example");
  const LwEvent *last =
      self->events->len > 0 ? g_ptr_array_index (self->events, self->events->len - 1) : NULL;

  return lw_event_new (FIXTURE_ID, last != NULL ? last->seq + 1 : 1, kind, at, by, "tenant",
                       last != NULL ? last->sha256 : "", body);
}

void
append (Record *self, LwEventKind kind, const char *who, JsonObject *body)
{
  g_ptr_array_add (self->events, next_event (self, kind, who, body));
}

void
seal (Record *self, const char *digest, const char *who)
{
  g_hash_table_add (self->seals, lw_seal_name (digest, who));
}

JsonObject *
submission (const LwRequest *request, guint revision)
{
  JsonObject *body = json_object_new ();
  g_autofree char *digest = lw_request_digest (request, NULL);

  json_object_set_int_member (body, "revision", revision);
  json_object_set_member (body, "content", lw_request_to_json (request));
  lw_json_set_string (body, "digest", digest);
  return body;
}

void
submit (Record *self, const LwRequest *request, guint revision)
{
  g_autoptr (JsonObject) body = submission (request, revision);

  append (self, LW_EVENT_SUBMITTED, PRIYA, body);
}

JsonObject *
decision (const char *digest, const char *grants)
{
  JsonObject *body = json_object_new ();

  lw_json_set_string (body, "digest", digest);
  if (grants != NULL)
    json_object_set_member (body, "grants", fixture_json (grants));
  return body;
}

void
decide (Record *self, LwEventKind kind, const char *who, const char *digest, const char *grants)
{
  g_autoptr (JsonObject) body = decision (digest, grants);

  append (self, kind, who, body);
}

void
approve (Record *self, const char *who, const char *digest)
{
  seal (self, digest, who);
  decide (self, LW_EVENT_APPROVED, who, digest, NULL);
}

gboolean
has_flag (LwCase *item, const char *id, guint seq)
{
  for (guint i = 0; i < item->flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (item->flags, i);

      if (strcmp (flag->id, id) == 0 && flag->seq == seq)
        return TRUE;
    }
  return FALSE;
}

void
tighten_expiry (LwRequest *terms)
{
  g_set_str (&terms->expires, "2026-12-31T22:59:59Z");
}
