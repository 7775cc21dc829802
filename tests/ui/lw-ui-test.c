/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-ui-test.h"

#include <glib/gstdio.h>

#include "lw-json.h"
#include "lw-ui.h"

#define ASSIGNMENT                                                                                 \
  "/providers/Microsoft.Management/managementGroups/platform/providers/"                           \
  "Microsoft.Authorization/policyAssignments/ai-baseline"
#define SET "/providers/Microsoft.Authorization/policySetDefinitions/ai-baseline"

struct _LwUiRecord
{
  char *request;
  char *digest;
  guint revision;
  GPtrArray *events;
};

void
lw_ui_test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  dex_init ();
  lw_ui_init ();
  /* A spinner that turns would keep the main loop busy for ever. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

GDateTime *
lw_ui_test_now (void)
{
  return g_date_time_new_utc (2026, 11, 24, 9, 0, 0);
}

LwWorkspace *
lw_ui_test_workspace (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-XXXXXX", NULL);
  g_autofree char *text =
      g_strdup_printf ("{\"cloud\": \"custom\", \"endpoints\": {\"arm\": \"http://127.0.0.1:9\","
                       " \"login\": \"http://127.0.0.1:9\", \"graph\": \"http://127.0.0.1:9\","
                       " \"blob\": \"http://127.0.0.1:9\"},"
                       " \"tenant\": \"22222222-2222-4222-8222-222222222222\","
                       " \"clientId\": \"33333333-3333-4333-8333-333333333333\","
                       " \"ledger\": \"%s\", \"signIn\": \"token\"}",
                       folder);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, &error);
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  g_autoptr (LwSession) session = NULL;

  g_assert_no_error (error);
  session = lw_session_new (profile, "no-token", now);
  return lw_workspace_new (session);
}

LwPerson *
lw_ui_test_person (const char *name)
{
  static const struct
  {
    const char *key;
    const char *id;
    const char *name;
    const char *upn;
  } people[] = {
    { "priya", "aaaaaaaa-0000-4000-8000-000000000001", "Priya Raman", "priya@contoso.example" },
    { "daniel", "aaaaaaaa-0000-4000-8000-000000000002", "Daniel Okafor", "daniel@contoso.example" },
    { "ingrid", "aaaaaaaa-0000-4000-8000-000000000003", "Ingrid Solberg",
      "ingrid@contoso.example" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    if (g_str_equal (people[i].key, name))
      return lw_person_new (people[i].id, people[i].name, people[i].upn);
  g_assert_not_reached ();
}

static LwGrant *
grant_new (void)
{
  LwGrant *grant = lw_grant_new (1);

  g_set_str (&grant->assignment, ASSIGNMENT);
  g_set_str (&grant->policy_name, "AI platform security baseline");
  g_set_str (&grant->scope, LW_UI_RESOURCE);
  g_ptr_array_add (grant->references, g_strdup ("aiServicesNoPublicNetwork"));
  g_ptr_array_add (grant->references, g_strdup ("aiServicesPrivateLink"));
  grant->policy = lw_policy_snapshot_new ();
  g_set_str (&grant->policy->definition, SET);
  g_set_str (&grant->policy->enforcement_mode, "Default");
  g_hash_table_insert (grant->policy->effects, g_strdup ("aiServicesNoPublicNetwork"),
                       g_strdup ("Deny"));
  g_hash_table_insert (grant->policy->effects, g_strdup ("aiServicesPrivateLink"),
                       g_strdup ("Audit"));
  return grant;
}

static LwControl *
control_new (void)
{
  LwControl *control = lw_control_new ("network-boundary");

  g_set_str (&control->objective, "Only the hosted runners can connect to the model endpoints");
  g_set_str (&control->definition, "The firewall allows 4 runner addresses and denies the rest.");
  g_set_str (&control->residual_risk, "Traffic still crosses the internet, encrypted.");
  g_set_str (&control->validation, "A call from outside the list is refused with 403.");
  g_set_str (&control->maintenance, "Terraform sets the list nightly.");
  control->checked_by = lw_ui_test_person ("daniel");
  g_set_str (&control->next_check, "2026-12-20");
  g_ptr_array_add (control->evidence, lw_evidence_new_link ("https://runbook.contoso.example/403"));
  return control;
}

LwRequest *
lw_ui_test_request (void)
{
  LwRequest *request = lw_request_new ("01930000-0000-7000-8000-00000000000a");

  g_set_str (&request->title, "Private endpoint for the evaluation cluster");
  g_set_str (&request->category, "Waiver");
  request->requester = lw_ui_test_person ("priya");
  request->owner = lw_ui_test_person ("daniel");
  g_set_str (&request->expires, "2027-01-31T11:00:00Z");
  g_set_str (&request->ticket, "NET-2291");
  g_ptr_array_add (request->grants, grant_new ());
  g_set_str (&request->reason->blocker,
             "The nightly evaluation cannot reach our models. Needed for the launch.");
  g_set_str (&request->reason->control, "Model endpoints must not be reachable from the internet.");
  g_set_str (&request->reason->impractical, "The networks are not peered yet; NET-2291 does that.");
  g_set_str (&request->reason->end_state, "The runners reach the models over a private endpoint.");
  g_set_str (&request->reason->end_state_by, "2027-01-31");
  g_ptr_array_add (request->remediation,
                   lw_remediation_new ("Peer the runner network", "2027-01-15",
                                       "https://tracker.contoso.example/NET-2291"));
  g_ptr_array_add (request->controls, control_new ());
  return request;
}

LwUiRecord *
lw_ui_record_new (LwRequest *request)
{
  LwUiRecord *self = g_new0 (LwUiRecord, 1);

  self->request = g_strdup (request->id);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);
  lw_ui_record_submit (self, request);
  return self;
}

void
lw_ui_record_free (LwUiRecord *self)
{
  g_ptr_array_unref (self->events);
  g_free (self->request);
  g_free (self->digest);
  g_free (self);
}

static void
append (LwUiRecord *self, LwEventKind kind, const char *by, JsonObject *body)
{
  guint n = self->events->len;
  const LwEvent *last = n ? g_ptr_array_index (self->events, n - 1) : NULL;
  g_autoptr (GDateTime) start = g_date_time_new_utc (2026, 11, 23, 16, 20, 0);
  g_autoptr (GDateTime) at = g_date_time_add_hours (start, (int) n);
  g_autoptr (LwPerson) person = lw_ui_test_person (by);

  g_ptr_array_add (self->events, lw_event_new (self->request, n + 1, kind, at, person,
                                               "22222222-2222-4222-8222-222222222222",
                                               last ? last->sha256 : "", body));
}

void
lw_ui_record_submit (LwUiRecord *self, const LwRequest *request)
{
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObject *rules = json_object_new ();

  g_free (self->digest);
  self->digest = lw_request_digest (request, NULL);
  json_object_set_int_member (rules, "seq", 0);
  json_object_set_string_member (rules, "sha256", "");
  json_object_set_int_member (body, "revision", ++self->revision);
  json_object_set_member (body, "content", lw_request_to_json (request));
  json_object_set_string_member (body, "digest", self->digest);
  json_object_set_object_member (body, "rules", rules);
  append (self, LW_EVENT_SUBMITTED, "priya", body);
}

void
lw_ui_record_add (LwUiRecord *self, LwEventKind kind, const char *by, const char *comment)
{
  g_autoptr (JsonObject) body = json_object_new ();

  json_object_set_string_member (body, "digest", self->digest);
  if (comment)
    json_object_set_string_member (body, "comment", comment);
  if (kind == LW_EVENT_APPROVED)
    json_object_set_null_member (body, "terms");
  if (kind == LW_EVENT_APPLYING)
    {
      JsonArray *grants = json_array_new ();
      JsonObject *grant = json_object_new ();

      json_object_set_int_member (grant, "n", 1);
      json_object_set_null_member (grant, "before");
      json_array_add_object_element (grants, grant);
      json_object_set_array_member (body, "grants", grants);
    }
  append (self, kind, by, body);
}

void
lw_ui_record_add_result (LwUiRecord *self, LwEventKind kind, const char *by)
{
  g_autoptr (JsonObject) body = json_object_new ();
  JsonArray *grants = json_array_new ();
  JsonObject *grant = json_object_new ();
  JsonObject *answer = json_object_new ();

  json_object_set_string_member (body, "digest", self->digest);
  json_object_set_int_member (grant, "n", 1);
  if (kind == LW_EVENT_APPLIED)
    {
      json_object_set_string_member (answer, "id",
                                     LW_UI_RESOURCE "/providers/x/policyExemptions/lw");
      json_object_set_object_member (grant, "exemption", answer);
    }
  else
    {
      json_object_set_string_member (answer, "code", "LinkedAuthorizationFailed");
      json_object_set_string_member (answer, "message", "The client lacks exempt/action.");
      json_object_set_string_member (answer, "requestId", "3f6c1e0a");
      json_object_set_object_member (grant, "error", answer);
    }
  json_array_add_object_element (grants, grant);
  json_object_set_array_member (body, "grants", grants);
  append (self, kind, by, body);
}

static gboolean
always_sealed (const char *request, const char *digest, const char *oid, gpointer data)
{
  return TRUE;
}

/* Ingrid may approve everything. */
static LwRules *
rules_new (void)
{
  g_autoptr (LwRules) defaults = lw_rules_new_default ();
  g_autoptr (JsonNode) node = lw_rules_to_json (defaults);
  g_autoptr (LwPerson) ingrid = lw_ui_test_person ("ingrid");
  g_autoptr (GError) error = NULL;
  JsonArray *approvers = json_array_new ();
  JsonArray *people = json_array_new ();
  JsonObject *approver = json_object_new ();
  LwRules *rules;

  json_array_add_element (people, lw_person_to_json (ingrid));
  json_object_set_array_member (approver, "people", people);
  json_array_add_object_element (approvers, approver);
  json_object_set_array_member (json_node_get_object (node), "approvers", approvers);
  rules = lw_rules_from_json (node, &error);
  g_assert_no_error (error);
  return rules;
}

LwCase *
lw_ui_record_fold (LwUiRecord *self)
{
  g_autoptr (LwRules) rules = rules_new ();

  return lw_case_fold (self->request, self->events, always_sealed, NULL, rules, NULL);
}

GtkWidget *
lw_ui_test_find (GtkWidget *widget, GType type, const char *text)
{
  if (!gtk_widget_get_visible (widget))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && (!text || lw_ui_test_shows (widget, text)))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = lw_ui_test_find (child, type, text);

      if (found)
        return found;
    }
  return NULL;
}

gboolean
lw_ui_test_shows (GtkWidget *widget, const char *text)
{
  const char *own = GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget))
                    : GTK_IS_INSCRIPTION (widget)
                        ? gtk_inscription_get_text (GTK_INSCRIPTION (widget))
                        : NULL;

  if (!gtk_widget_get_visible (widget))
    return FALSE;
  if (own && strstr (own, text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (lw_ui_test_shows (child, text))
      return TRUE;
  return FALSE;
}

void
lw_ui_test_wait (gboolean (*check) (gpointer data), gpointer data)
{
  gint64 deadline = g_get_monotonic_time () + 45 * G_TIME_SPAN_SECOND;

  while (!check (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

void
lw_ui_test_settle (void)
{
  gint64 deadline = g_get_monotonic_time () + G_TIME_SPAN_SECOND;

  while (g_main_context_iteration (NULL, FALSE) && g_get_monotonic_time () < deadline)
    ;
}

GtkWidget *
lw_ui_test_window (GtkWidget *child, int width)
{
  GtkWidget *window = adw_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), width, 800);
  adw_window_set_content (ADW_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  return window;
}
