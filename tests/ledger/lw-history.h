/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-json.h"
#include "lw-store.h"

#include <glib/gstdio.h>
#include <string.h>

/*
 * Records of requests as somebody's Leeway would have written them, made without a ledger: for tests and
 * the benchmark that need many, or some that no ledger would take.
 */

#define HISTORY_REQUESTER "11111111-1111-4111-8111-111111111111"
#define HISTORY_APPROVER  "22222222-2222-4222-8222-222222222222"
#define HISTORY_ASSIGNMENT                                                                         \
  "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/"         \
  "policyAssignments/deny-public-%u"
#define HISTORY_SCOPE                                                                              \
  "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg-%u/providers/"            \
  "Microsoft.Storage/storageAccounts/account%u"

typedef struct
{
  LwShelf shelf;
  char *name;
  GBytes *bytes;
} HistoryObject;

typedef struct
{
  char *id;
  char *digest;
  char *last_sha256;
  guint seq;
  guint revision;
  gint64 at;          /* seconds */
  GPtrArray *objects; /* HistoryObject, in the order in which they are written */
} History;

static inline void
history_object_free (gpointer data)
{
  HistoryObject *object = data;

  g_free (object->name);
  g_bytes_unref (object->bytes);
  g_free (object);
}

static inline void
history_free (History *self)
{
  g_free (self->id);
  g_free (self->digest);
  g_free (self->last_sha256);
  g_ptr_array_unref (self->objects);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (History, history_free)

static inline History *
history_new (guint number)
{
  History *self = g_new0 (History, 1);

  self->id = g_strdup_printf ("01930000-0000-7000-8000-%012x", number);
  self->last_sha256 = g_strdup ("");
  self->at = G_GINT64_CONSTANT (1798900000) + (gint64) number * 60;
  self->objects = g_ptr_array_new_with_free_func (history_object_free);

  return self;
}

static inline void
history_add (History *self, LwShelf shelf, char *name, GBytes *bytes)
{
  HistoryObject *object = g_new0 (HistoryObject, 1);

  object->shelf = shelf;
  object->name = name;
  object->bytes = g_bytes_ref (bytes);
  g_ptr_array_add (self->objects, object);
}

static inline LwPerson *
history_person (const char *oid)
{
  gboolean requester = g_str_equal (oid, HISTORY_REQUESTER);

  return lw_person_new (oid, requester ? "Priya Raman" : "Tomás Ferreira",
                        requester ? "priya@contoso.example" : "tomas@contoso.example");
}

/* Takes @body. */
static inline void
history_event (History *self, LwEventKind kind, const char *oid, JsonObject *body)
{
  g_autoptr (LwPerson) by = history_person (oid);
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (self->at++);
  g_autoptr (JsonObject) owned = body;
  g_autoptr (LwEvent) event =
      lw_event_new (self->id, ++self->seq, kind, at, by, "tenant", self->last_sha256, owned);

  history_add (self, LW_SHELF_REQUESTS, g_strdup_printf ("%s/%06u.json", self->id, self->seq),
               event->bytes);
  g_set_str (&self->last_sha256, event->sha256);
}

/* The first entry of rules that name one approver. */
static inline GBytes *
history_rules (void)
{
  const char *text =
      "{\"version\":1,\"seq\":1,\"kind\":\"rules-changed\",\"at\":\"2027-01-01T00:00:00Z\","
      "\"by\":{\"id\":\"" HISTORY_APPROVER
      "\",\"name\":\"Admin\",\"upn\":\"admin@contoso.example\"},\"prev\":\"\","
      "\"body\":{\"rules\":{\"version\":1,\"approvers\":[{\"people\":[{\"id\":\"" HISTORY_APPROVER
      "\"}]}],\"administrators\":[{\"id\":\"" HISTORY_APPROVER "\"}]}}}";

  return g_bytes_new_static (text, strlen (text));
}

/* @title: also says how the words of the request go on. */
static inline void
history_submit (History *self, guint number, const char *title)
{
  g_autoptr (LwRequest) request = lw_request_new (self->id);
  LwGrant *grant = lw_grant_new (1);
  JsonObject *body = json_object_new ();
  JsonObject *named = json_object_new ();
  g_autoptr (GBytes) rules = history_rules ();
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, rules);

  g_set_str (&request->title, title);
  g_set_str (&request->category, "Waiver");
  g_set_str (&request->expires, "2027-12-01T00:00:00Z");
  request->requester = history_person (HISTORY_REQUESTER);
  request->owner = history_person (HISTORY_REQUESTER);
  request->reason->blocker = g_strdup_printf (
      "The evaluation of %s stops because the private endpoint is not there yet, and the vendor "
      "can deliver it in the next quarter only. Without the data the model cannot be released, "
      "which the contract with the customer asks for by the end of the year.",
      title);
  request->reason->control = g_strdup ("Public network access is denied for storage accounts.");
  request->reason->impractical =
      g_strdup ("The network team has no addresses left in the region until the new range is "
                "routed; the ticket is approved and planned, and moving would take longer.");
  request->reason->end_state = g_strdup ("The account is reached by a private endpoint only.");
  request->reason->end_state_by = g_strdup ("2027-11-01");
  grant->assignment = g_strdup_printf (HISTORY_ASSIGNMENT, number % 40);
  grant->policy_name = g_strdup ("Storage accounts should disable public network access");
  grant->scope = g_strdup_printf (HISTORY_SCOPE, number % 200, number);
  g_ptr_array_add (grant->references, g_strdup ("storageNoPublicNetwork"));
  g_ptr_array_add (request->grants, grant);
  for (guint i = 0; i < 2; i++)
    {
      LwControl *control = lw_control_new (i ? "monitoring" : "access-restriction");

      control->objective = g_strdup ("Only the evaluation's own machines reach the account.");
      control->definition = g_strdup ("The firewall allows four addresses, by rule set 17.");
      control->residual_risk = g_strdup ("Somebody on one of those machines reads the data.");
      control->validation = g_strdup ("A scan from outside, each week, finds the port closed.");
      control->maintenance = g_strdup ("The platform team looks at the rule set each month.");
      control->next_check = g_strdup ("2027-03-01");
      g_ptr_array_add (request->controls, control);
    }
  g_free (self->digest);
  self->digest = lw_request_digest (request, NULL);

  json_object_set_int_member (body, "revision", ++self->revision);
  json_object_set_member (body, "content", lw_request_to_json (request));
  json_object_set_string_member (body, "digest", self->digest);
  json_object_set_int_member (named, "seq", 1);
  json_object_set_string_member (named, "sha256", sha256);
  json_object_set_object_member (body, "rules", named);
  history_event (self, LW_EVENT_SUBMITTED, HISTORY_REQUESTER, body);
}

static inline JsonObject *
history_body (const char *member, const char *value)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, member, value);

  return body;
}

static inline void
history_comment (History *self, const char *oid, const char *text)
{
  history_event (self, LW_EVENT_COMMENTED, oid, history_body ("text", text));
}

static inline void
history_seal (History *self)
{
  g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (self->at);
  g_autoptr (GBytes) seal = lw_seal_to_bytes (self->id, self->digest, at, by, "tenant");
  g_autofree char *name = lw_seal_name (self->digest, HISTORY_APPROVER);

  history_add (self, LW_SHELF_SEALS, g_strdup_printf ("%s/%s.json", self->id, name), seal);
}

static inline void
history_approve (History *self)
{
  JsonObject *body = history_body ("digest", self->digest);

  json_object_set_null_member (body, "terms");
  history_event (self, LW_EVENT_APPROVED, HISTORY_APPROVER, body);
}

static inline JsonArray *
history_grants (History *self, const char *member)
{
  JsonArray *grants = json_array_new ();
  JsonObject *grant = json_object_new ();
  JsonObject *exemption = json_object_new ();

  json_object_set_string_member (exemption, "id", self->id);
  json_object_set_string_member (exemption, "name", "lw-exemption-1");
  json_object_set_int_member (grant, "n", 1);
  json_object_set_object_member (grant, member, exemption);
  json_array_add_object_element (grants, grant);

  return grants;
}

static inline void
history_apply (History *self)
{
  JsonObject *applying = history_body ("digest", self->digest);
  JsonObject *applied = history_body ("digest", self->digest);

  json_object_set_array_member (applying, "grants", history_grants (self, "before"));
  json_object_set_array_member (applied, "grants", history_grants (self, "exemption"));
  history_event (self, LW_EVENT_APPLYING, HISTORY_APPROVER, applying);
  history_event (self, LW_EVENT_APPLIED, HISTORY_APPROVER, applied);
}

/* The usual course: asked, talked about, approved, applied: five events and a seal. */
static inline History *
history_usual (guint number)
{
  History *self = history_new (number);
  g_autofree char *title = g_strdup_printf ("Private endpoint for cluster %u", number);

  history_submit (self, number, title);
  history_comment (self, HISTORY_APPROVER, "Which machines are these, and who runs them?");
  history_seal (self);
  history_approve (self);
  history_apply (self);

  return self;
}

/* Writes an object into the folder of a ledger, without waiting for the disk. */
static inline void
history_write (const char *dir, LwShelf shelf, const char *name, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (dir, lw_shelf_to_string (shelf), name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_mkdir_with_parents (parent, 0755);
  g_assert_true (
      g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0444, NULL));
}

static inline void
history_write_all (const char *dir, History *history)
{
  for (guint i = 0; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);

      history_write (dir, object->shelf, object->name, object->bytes);
    }
}
