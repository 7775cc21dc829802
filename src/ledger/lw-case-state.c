/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-json.h"
#include "lw-case-state.h"
#include "lw-json.h"

#include <string.h>

#define MAX_STATE (64 * 1024 * 1024)

LwRules *
lw_case_rules_for (GPtrArray *events, LwRulebook *rulebook)
{
  for (guint i = events->len; i > 0; i--)
    {
      LwEvent *event = g_ptr_array_index (events, i - 1);
      JsonObject *named = lw_json_get_object (event->body, "rules");
      LwRules *rules;

      if (event->kind != LW_EVENT_SUBMITTED)
        continue;

      rules = lw_rulebook_lookup (rulebook, (guint) lw_json_get_int (named, "seq", -1),
                                  lw_json_get_string (named, "sha256"));
      if (rules)
        return rules;
      break;
    }

  return lw_rulebook_get_rules (rulebook);
}

/* --- freezing ----------------------------------------------------------------------------------- */

/* As text: microseconds of a far year are no number that JSON keeps. */
static void
set_instant (JsonObject *object, const char *member, GDateTime *at)
{
  g_autofree char *text =
      at ? g_strdup_printf ("%" G_GINT64_FORMAT, g_date_time_to_unix_usec (at)) : NULL;

  lw_json_set_string (object, member, text);
}

static void
set_request (JsonObject *object, const char *member, const LwRequest *request)
{
  if (request)
    json_object_set_member (object, member, lw_request_to_json (request));
}

static gboolean
is_large (const char *member)
{
  return strcmp (member, "content") == 0 || strcmp (member, "terms") == 0 ||
         strcmp (member, "grants") == 0;
}

static JsonObject *
freeze_body (JsonObject *body)
{
  JsonObject *slim = json_object_new ();
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init (&iter, body);
  while (json_object_iter_next (&iter, &member, &node))
    {
      if (!is_large (member))
        json_object_set_member (slim, member, lw_json_node_copy (node));
    }

  return slim;
}

static JsonArray *
freeze_events (GPtrArray *events)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (events, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "seq", event->seq);
      lw_json_set_string (object, "kind", event->kind_name);
      set_instant (object, "at", event->at);
      lw_json_set_person (object, "by", event->by);
      lw_json_set_string (object, "tenant", event->by_tenant);
      lw_json_set_string (object, "prev", event->prev);
      lw_json_set_string (object, "sha256", event->sha256);
      json_object_set_object_member (object, "body", freeze_body (event->body));
      json_array_add_object_element (array, object);
    }

  return array;
}

static JsonArray *
freeze_approvals (GPtrArray *approvals)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < approvals->len; i++)
    {
      LwApproval *approval = g_ptr_array_index (approvals, i);
      JsonObject *object = json_object_new ();

      lw_json_set_person (object, "by", approval->by);
      lw_json_set_string (object, "digest", approval->digest);
      json_object_set_int_member (object, "seq", approval->seq);
      set_instant (object, "at", approval->at);
      json_object_set_boolean_member (object, "sealed", approval->sealed);
      json_object_set_boolean_member (object, "counts", approval->counts);
      json_array_add_object_element (array, object);
    }

  return array;
}

/* grant number → object */
static JsonObject *
freeze_grants (GHashTable *grants)
{
  JsonObject *object = json_object_new ();
  GHashTableIter iter;
  gpointer n, value;

  g_hash_table_iter_init (&iter, grants);
  while (g_hash_table_iter_next (&iter, &n, &value))
    {
      g_autofree char *key = g_strdup_printf ("%u", GPOINTER_TO_UINT (n));

      json_object_set_object_member (object, key, lw_json_object_copy (value));
    }

  return object;
}

GBytes *
lw_case_freeze (LwCase *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  char *text;

  json_object_set_int_member (object, "phase", (gint64) self->phase);
  json_object_set_int_member (object, "revision", self->revision);
  set_request (object, "content", self->content);
  set_request (object, "previous", self->previous);
  lw_json_set_string (object, "digest", self->digest);
  json_object_set_array_member (object, "approvals", freeze_approvals (self->approvals));
  json_object_set_int_member (object, "counting", self->approvals_counting);
  json_object_set_int_member (object, "needed", self->approvals_needed);
  set_instant (object, "submitted", self->submitted);
  set_instant (object, "changed", self->changed);
  json_object_set_int_member (object, "lastSeq", self->last_seq);
  lw_json_set_string (object, "lastSha256", self->last_sha256);
  json_object_set_int_member (object, "decision",
                              self->last_decision ? self->last_decision->seq : 0);
  json_object_set_object_member (object, "results", freeze_grants (self->results));
  json_object_set_object_member (object, "failures", freeze_grants (self->failures));
  if (self->applier)
    lw_json_set_person (object, "applier", self->applier);
  json_object_set_array_member (object, "events", freeze_events (self->events));
  json_object_set_array_member (object, "flags", lw_flags_to_json (self->flags));

  node = json_node_init_object (json_node_alloc (), object);
  text = json_to_string (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

/* --- thawing ------------------------------------------------------------------------------------ */

static GDateTime *
get_instant (JsonObject *object, const char *member)
{
  const char *text = lw_json_get_string (object, member);

  return text ? g_date_time_new_from_unix_utc_usec (g_ascii_strtoll (text, NULL, 10)) : NULL;
}

static LwPerson *
get_person (JsonObject *object, const char *member)
{
  return object ? lw_person_from_json (json_object_get_member (object, member), member, NULL)
                : NULL;
}

static LwRequest *
get_request (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node ? lw_request_from_json (node, NULL) : NULL;
}

static LwEvent *
thaw_event (const char *request_id, JsonObject *object)
{
  g_autoptr (LwEvent) event = g_atomic_rc_box_new0 (LwEvent);
  JsonObject *body = lw_json_get_object (object, "body");

  event->request = g_strdup (request_id);
  event->seq = (guint) lw_json_get_int (object, "seq", 0);
  event->kind_name = g_strdup (lw_json_get_string (object, "kind"));
  event->at = get_instant (object, "at");
  event->by = get_person (object, "by");
  event->by_tenant = g_strdup (lw_json_get_string (object, "tenant"));
  event->prev = g_strdup (lw_json_get_string (object, "prev"));
  event->sha256 = g_strdup (lw_json_get_string (object, "sha256"));
  event->body = body ? json_object_ref (body) : NULL;
  if (!event->kind_name || !event->at || !event->by || !event->prev || !event->sha256 ||
      !event->body)
    return NULL;
  event->kind = lw_event_kind_from_string (event->kind_name);

  return g_steal_pointer (&event);
}

static GPtrArray *
thaw_events (const char *request_id, JsonArray *array)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);

  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      LwEvent *event = thaw_event (request_id, lw_json_array_get_object (array, i));

      if (!event)
        return NULL;
      g_ptr_array_add (events, event);
    }

  return g_steal_pointer (&events);
}

static gboolean
thaw_approvals (LwCase *self, JsonArray *array)
{
  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      JsonObject *object = lw_json_array_get_object (array, i);
      g_autoptr (LwPerson) by = get_person (object, "by");
      g_autoptr (GDateTime) at = get_instant (object, "at");
      LwApproval *approval;

      if (!by || !at)
        return FALSE;

      approval = g_new0 (LwApproval, 1);
      approval->by = g_steal_pointer (&by);
      approval->digest = g_strdup (lw_json_get_string (object, "digest"));
      approval->seq = (guint) lw_json_get_int (object, "seq", 0);
      approval->at = g_steal_pointer (&at);
      approval->sealed = lw_json_get_boolean (object, "sealed", FALSE);
      approval->counts = lw_json_get_boolean (object, "counts", FALSE);
      g_ptr_array_add (self->approvals, approval);
    }

  return TRUE;
}

static void
thaw_flags (LwCase *self, JsonArray *array)
{
  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      JsonObject *object = lw_json_array_get_object (array, i);
      LwFlag *flag = g_new0 (LwFlag, 1);

      flag->seq = (guint) lw_json_get_int (object, "seq", 0);
      flag->id = g_strdup (lw_json_get_string (object, "id"));
      flag->message = g_strdup (lw_json_get_string (object, "message"));
      g_ptr_array_add (self->flags, flag);
    }
}

static void
thaw_grants (GHashTable *grants, JsonObject *object)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (!object)
    return;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &key, &node))
    {
      JsonObject *value = lw_json_node_object (node);

      if (value)
        g_hash_table_insert (grants, GUINT_TO_POINTER ((guint) g_ascii_strtoull (key, NULL, 10)),
                             json_object_ref (value));
    }
}

static LwEvent *
event_numbered (GPtrArray *events, guint seq)
{
  for (guint i = 0; seq > 0 && i < events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (events, i);

      if (event->seq == seq)
        return event;
    }

  return NULL;
}

static gboolean
thaw_into (LwCase *self, JsonObject *object)
{
  LwEvent *decision;
  gint64 phase = lw_json_get_int (object, "phase", -1);

  if (phase < LW_PHASE_NEW || phase > LW_PHASE_RETIRED)
    return FALSE;

  self->phase = (LwPhase) phase;
  self->revision = (guint) lw_json_get_int (object, "revision", 0);
  self->content = get_request (object, "content");
  self->previous = get_request (object, "previous");
  self->digest = g_strdup (lw_json_get_string (object, "digest"));
  self->approvals_counting = (guint) lw_json_get_int (object, "counting", 0);
  self->approvals_needed = (guint) lw_json_get_int (object, "needed", 0);
  self->submitted = get_instant (object, "submitted");
  self->changed = get_instant (object, "changed");
  self->last_seq = (guint) lw_json_get_int (object, "lastSeq", 0);
  g_set_str (&self->last_sha256, lw_json_get_string (object, "lastSha256"));
  self->applier = get_person (object, "applier");
  decision = event_numbered (self->events, (guint) lw_json_get_int (object, "decision", 0));
  self->last_decision = decision ? lw_event_ref (decision) : NULL;
  thaw_flags (self, lw_json_get_array (object, "flags"));
  thaw_grants (self->results, lw_json_get_object (object, "results"));
  thaw_grants (self->failures, lw_json_get_object (object, "failures"));

  return self->last_sha256 && thaw_approvals (self, lw_json_get_array (object, "approvals"));
}

LwCase *
lw_case_thaw (const char *request_id, GBytes *state, LwRulebook *rulebook)
{
  g_autoptr (JsonNode) node = lw_json_parse (state, MAX_STATE, NULL);
  JsonObject *object = lw_json_node_object (node);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (LwCase) self = NULL;

  if (!object || !(events = thaw_events (request_id, lw_json_get_array (object, "events"))))
    return NULL;

  /* The fold of nothing, which is then filled. */
  self = lw_case_fold (request_id, NULL, NULL, NULL, lw_case_rules_for (events, rulebook), NULL);
  g_ptr_array_unref (self->events);
  self->events = g_steal_pointer (&events);

  return thaw_into (self, object) ? g_steal_pointer (&self) : NULL;
}

/* --- describing --------------------------------------------------------------------------------- */

static void
add_word (GString *words, const char *text)
{
  if (text && *text)
    g_string_append_printf (words, "%s\n", text);
}

static void
add_person (GString *words, const LwPerson *person)
{
  if (person)
    {
      add_word (words, person->name);
      add_word (words, person->upn);
    }
}

enum
{
  TITLE,
  REASON,
  PEOPLE,
  SCOPES,
  POLICIES,
  COMMENTS,
};

static void
add_content (GString **words, const LwRequest *content)
{
  add_word (words[TITLE], content->title);
  add_word (words[TITLE], content->ticket);
  add_word (words[REASON], content->reason->blocker);
  add_word (words[REASON], content->reason->control);
  add_word (words[REASON], content->reason->impractical);
  add_word (words[REASON], content->reason->end_state);
  add_person (words[PEOPLE], content->requester);
  add_person (words[PEOPLE], content->owner);
  for (guint i = 0; i < content->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (content->grants, i);
      g_autofree char *assignment = grant->assignment ? lw_arm_id_name (grant->assignment) : NULL;

      add_word (words[SCOPES], grant->scope);
      add_word (words[POLICIES], grant->policy_name);
      add_word (words[POLICIES], assignment);
      for (guint k = 0; k < grant->references->len; k++)
        add_word (words[POLICIES], g_ptr_array_index (grant->references, k));
    }
}

void
lw_case_describe (LwCase *self, LwCacheCase *value)
{
  const LwRequest *content = self->content;
  g_autoptr (GDateTime) expires =
      content && content->expires ? lw_instant_parse (content->expires, NULL) : NULL;
  GString *words[G_N_ELEMENTS (value->words)];

  value->phase = (int) self->phase;
  value->flags = (int) self->flags->len;
  value->changed = self->changed ? g_date_time_to_unix_usec (self->changed) : 0;
  value->expires = expires ? g_date_time_to_unix_usec (expires) : 0;
  if (content && content->requester && content->requester->id)
    value->requester = g_ascii_strdown (content->requester->id, -1);
  if (content && content->owner && content->owner->id)
    value->owner = g_ascii_strdown (content->owner->id, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = g_string_new (NULL);
  if (content)
    add_content (words, content);
  for (guint i = 0; i < self->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (self->events, i);

      add_word (words[COMMENTS], lw_json_get_string (event->body, "comment"));
      add_word (words[COMMENTS], lw_json_get_string (event->body, "text"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    value->words[i] = g_string_free_and_steal (words[i]);
}
