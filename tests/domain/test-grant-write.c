/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-assess.h"
#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-grant-write.h"
#include "lw-json.h"

#define DIGEST "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static LwGrant *
grant_of (LwRequest *request)
{
  return g_ptr_array_index (request->grants, 0);
}

static JsonNode *
write_grant (LwRequest *request, LwExemption *existing, GError **error)
{
  g_autoptr (GDateTime) now = fixture_now ();
  g_autoptr (GDateTime) first = lw_instant_parse ("2026-01-01T00:00:00Z", NULL);

  return lw_grant_write (request, grant_of (request), 2, DIGEST, "mei@contoso.example", now,
                         existing != NULL ? first : NULL, existing, error);
}

static JsonObject *
properties_of (JsonNode *body)
{
  return lw_json_get_object (json_node_get_object (body), "properties");
}

static void
test_names (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *name = lw_grant_exemption_name (request, grant_of (request));
  g_autofree char *id = lw_grant_exemption_id (request, grant_of (request));
  g_autofree char *expected =
      g_strdup_printf ("%s/providers/" LW_EXEMPTIONS_TYPE "/%s", grant_of (request)->scope, name);
  g_autofree char *renewed = NULL;

  g_assert_cmpstr (name, ==, "lw-8e4f0123456789ab-1");
  g_assert_cmpstr (id, ==, expected);
  g_assert_cmpuint (strlen (name), <=, 24);
  g_set_str (&grant_of (request)->renews,
             "/x/providers/Microsoft.Authorization/policyExemptions/old/");
  renewed = lw_grant_exemption_id (request, grant_of (request));
  g_assert_cmpstr (renewed, ==, "/x/providers/Microsoft.Authorization/policyExemptions/old");
}

static void
test_body (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = write_grant (request, NULL, &error);
  JsonObject *properties;
  JsonObject *metadata;
  JsonObject *leeway;
  JsonObject *control;

  g_assert_no_error (error);
  properties = properties_of (body);
  metadata = lw_json_get_object (properties, "metadata");
  leeway = lw_json_get_object (metadata, "leeway");
  control = lw_json_array_get_object (lw_json_get_array (leeway, "controls"), 0);
  g_assert_cmpstr (lw_json_get_string (properties, "policyAssignmentId"), ==,
                   grant_of (request)->assignment);
  g_assert_cmpstr (
      lw_json_array_get_string (lw_json_get_array (properties, "policyDefinitionReferenceIds"), 0),
      ==, "aiServicesNoPublicNetwork");
  g_assert_cmpstr (lw_json_get_string (properties, "exemptionCategory"), ==, "Waiver");
  g_assert_cmpstr (lw_json_get_string (properties, "expiresOn"), ==, "2027-01-31T22:59:59Z");
  g_assert_cmpstr (lw_json_get_string (properties, "displayName"), ==, request->title);
  g_assert_true (
      g_str_has_prefix (lw_json_get_string (properties, "description"), request->reason->blocker));
  g_assert_nonnull (
      strstr (lw_json_get_string (properties, "description"), request->reason->end_state));
  g_assert_false (json_object_has_member (properties, "resourceSelectors"));
  g_assert_cmpstr (lw_json_get_string (metadata, "requestedBy"), ==, "priya@contoso.example");
  g_assert_cmpstr (lw_json_get_string (metadata, "approvedBy"), ==, "mei@contoso.example");
  g_assert_cmpstr (lw_json_get_string (metadata, "approvedOn"), ==, FIXTURE_NOW);
  g_assert_cmpstr (lw_json_get_string (metadata, "ticketRef"), ==, "CHG0042");
  g_assert_cmpstr (lw_json_get_string (leeway, "request"), ==, FIXTURE_ID);
  g_assert_cmpint (lw_json_get_int (leeway, "revision", 0), ==, 2);
  g_assert_cmpstr (lw_json_get_string (leeway, "digest"), ==, DIGEST);
  g_assert_cmpstr (lw_json_get_string (lw_json_get_object (leeway, "owner"), "upn"), ==,
                   "daniel@contoso.example");
  g_assert_cmpstr (lw_json_get_string (control, "kind"), ==, "network-boundary");
  g_assert_cmpstr (lw_json_get_string (control, "nextCheck"), ==, "2026-12-20");
  g_assert_cmpstr (lw_json_get_string (leeway, "firstGranted"), ==, FIXTURE_NOW);
}

/* Everyone with Reader sees an exemption: reasons in full and control texts are not in it. */
static void
test_discreet (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonNode) body = write_grant (request, NULL, NULL);
  g_autofree char *text = lw_json_canonical (body, NULL);
  const LwControl *control = g_ptr_array_index (request->controls, 0);

  g_assert_null (strstr (text, request->reason->impractical));
  g_assert_null (strstr (text, request->reason->control));
  g_assert_null (strstr (text, control->residual_risk));
  g_assert_null (strstr (text, control->definition));
}

/* What Azure would answer to the PUT of @body. */
static LwExemption *
answered (LwRequest *request, JsonNode *body, const char *more_metadata)
{
  g_autoptr (JsonNode) node = lw_json_node_copy (body);
  g_autofree char *id = lw_grant_exemption_id (request, grant_of (request));
  JsonObject *properties = properties_of (node);
  JsonObject *metadata = lw_json_get_object (properties, "metadata");
  GError *error = NULL;
  LwExemption *self;

  lw_json_set_string (json_node_get_object (node), "id", id);
  lw_json_set_string (properties, "expiresOn", "2027-01-31T22:59:59.0000000Z");
  lw_json_set_string (properties, "assignmentScopeValidation", "Default");
  if (more_metadata != NULL)
    json_object_set_member (metadata, more_metadata, fixture_json ("{'kept':[1,2]}"));
  self = lw_exemption_from_json (node, &error);
  g_assert_no_error (error);
  return self;
}

static void
test_applied (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonNode) body = write_grant (request, NULL, NULL);
  g_autoptr (LwExemption) same = answered (request, body, NULL);
  g_autoptr (LwExemption) stamped = answered (request, body, "createdBy");
  g_autoptr (LwExemption) edited = answered (request, body, "somebody");
  static const char *const changes[][2] = {
    { "expiresOn", "'2027-02-01T00:00:00Z'" },
    { "expiresOn", "null" },
    { "displayName", "'Another'" },
    { "exemptionCategory", "'Mitigated'" },
    { "policyDefinitionReferenceIds", "[]" },
    { "policyDefinitionReferenceIds", "['aiServicesNoPublicNetwork','second']" },
    { "resourceSelectors", "[{'name':'x','selectors':[]}]" },
    { "metadata", "{}" },
  };

  g_assert_true (lw_grant_is_applied (same, body));
  g_assert_true (lw_grant_is_applied (stamped, body));
  g_assert_false (lw_grant_is_applied (edited, body));
  g_assert_false (lw_grant_is_applied (NULL, body));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (JsonNode) node = lw_exemption_to_json (same);
      g_autoptr (LwExemption) changed = NULL;

      json_object_set_member (properties_of (node), changes[i][0], fixture_json (changes[i][1]));
      changed = lw_exemption_from_json (node, NULL);
      g_assert_false (lw_grant_is_applied (changed, body));
    }
}

/* Applying twice writes the same, and what the exemption has besides is kept. */
static void
test_again (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonNode) body = write_grant (request, NULL, NULL);
  g_autoptr (LwExemption) there = answered (request, body, "custom");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) again = write_grant (request, there, &error);

  g_assert_no_error (error);
  g_assert_nonnull (lw_json_path (properties_of (again), "metadata.custom.kept"));
  g_assert_cmpstr (lw_json_get_string (properties_of (again), "assignmentScopeValidation"), ==,
                   "Default");
  g_assert_cmpstr (
      json_node_get_string (lw_json_path (properties_of (again), "metadata.leeway.firstGranted")),
      ==, "2026-01-01T00:00:00Z");
}

/* What the request no longer has is taken away, not left as it was. */
static void
test_replaces (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonNode) selectors =
      fixture_json ("[{'name':'a','selectors':[{'kind':'resourceType','in':['x']}]}]");
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (LwExemption) there = NULL;
  g_autoptr (JsonNode) again = NULL;
  JsonObject *properties;

  json_array_unref (grant_of (request)->selectors);
  grant_of (request)->selectors = lw_json_array_copy (json_node_get_array (selectors));
  body = write_grant (request, NULL, NULL);
  properties = properties_of (body);
  g_assert_cmpuint (json_array_get_length (lw_json_get_array (properties, "resourceSelectors")), ==,
                    1);
  there = answered (request, body, NULL);
  g_assert_true (lw_grant_is_applied (there, body));

  json_array_unref (grant_of (request)->selectors);
  grant_of (request)->selectors = json_array_new ();
  g_ptr_array_set_size (grant_of (request)->references, 0);
  g_clear_pointer (&request->ticket, g_free);
  g_clear_pointer (&request->reason->end_state, g_free);
  again = write_grant (request, there, NULL);
  properties = properties_of (again);
  g_assert_cmpuint (json_array_get_length (lw_json_get_array (properties, "resourceSelectors")), ==,
                    0);
  g_assert_cmpuint (
      json_array_get_length (lw_json_get_array (properties, "policyDefinitionReferenceIds")), ==,
      0);
  g_assert_null (lw_json_path (properties, "metadata.ticketRef"));
  g_assert_cmpstr (lw_json_get_string (properties, "description"), ==, request->reason->blocker);
  g_assert_false (lw_grant_is_applied (there, again));
}

static void
assert_refused (LwRequest *request, LwExemption *existing, int code, const char *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = write_grant (request, existing, &error);

  g_assert_null (body);
  g_assert_error (error, LW_DOMAIN_ERROR, code);
  if (names != NULL && strstr (error->message, names) == NULL)
    g_error ("%s does not name %s", error->message, names);
}

static LwExemption *
with_request (LwExemption *there, const char *request_id)
{
  g_autoptr (JsonNode) node = lw_exemption_to_json (there);
  JsonObject *metadata = lw_json_get_object (properties_of (node), "metadata");

  if (request_id != NULL)
    lw_json_set_string (lw_json_get_object (metadata, "leeway"), "request", request_id);
  else
    json_object_remove_member (metadata, "leeway");
  return lw_exemption_from_json (node, NULL);
}

static void
test_foreign (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonNode) body = write_grant (request, NULL, NULL);
  g_autoptr (LwExemption) there = answered (request, body, NULL);
  g_autoptr (LwExemption) other = with_request (there, "01933f2e-7a10-7c3d-8e4f-ffffffffffff");
  g_autoptr (LwExemption) unmarked = with_request (there, NULL);
  g_autoptr (LwRequest) renewal = NULL;
  g_autoptr (JsonNode) renewed = NULL;
  g_autoptr (JsonNode) adopted = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (request, other, LW_DOMAIN_ERROR_NOT_ALLOWED, "another request");
  assert_refused (request, unmarked, LW_DOMAIN_ERROR_NOT_ALLOWED, "no request");
  g_set_str (&grant_of (request)->assignment, "/other");
  assert_refused (request, there, LW_DOMAIN_ERROR_NOT_ALLOWED, "another policy");

  /* A renewal writes over what it renews, whoever wrote that, but not over a third one's. */
  renewal = fixture_request ();
  g_set_str (&grant_of (renewal)->renews, there->id);
  assert_refused (renewal, other, LW_DOMAIN_ERROR_NOT_ALLOWED, "another request");
  adopted = write_grant (renewal, unmarked, &error);
  g_assert_no_error (error);
  g_assert_nonnull (adopted);
  g_set_str (&renewal->renews_request, "01933F2E-7a10-7c3d-8e4f-ffffffffffff");
  renewed = write_grant (renewal, other, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      json_node_get_string (lw_json_path (properties_of (renewed), "metadata.leeway.request")), ==,
      FIXTURE_ID);
}

static void
test_refused (void)
{
  g_autoptr (LwRequest) good = fixture_request ();
  LwRequest *request;
#define TRY(change, name)                                                                          \
  request = lw_request_copy (good);                                                                \
  change;                                                                                          \
  assert_refused (request, NULL, LW_DOMAIN_ERROR_TYPE, name);                                      \
  lw_request_free (request)

  TRY (g_set_str (&request->id, "x"), "“id”");
  TRY (g_clear_pointer (&request->title, g_free), "“title”");
  TRY (g_clear_pointer (&request->expires, g_free), "“expires”");
  TRY (g_set_str (&request->expires, "soon"), "“expires”");
  TRY (g_clear_pointer (&request->category, g_free), "“category”");
  TRY (g_set_str (&grant_of (request)->scope, "/x"), "“scope”");
  TRY (g_clear_pointer (&grant_of (request)->assignment, g_free), "“assignment”");
  TRY (grant_of (request)->n = 0, "“n”");
  TRY (request->title = (g_free (request->title), g_strnfill (129, 'x')), "“title”");
  TRY (request->reason->blocker = (g_free (request->reason->blocker), g_strnfill (513, 'x')),
       "“reason.blocker”");
  TRY (for (guint i = 0; i < 20; i++) g_ptr_array_add (
           request->controls, lw_control_copy (g_ptr_array_index (request->controls, 0))),
       "“controls”");
#undef TRY
}

/* A text of about @around characters that begins with @start. */
static void
set_text (char **text, const char *start, gint around)
{
  static const char *const words[] = { "peering ", "runner ", "\xF0\x9F\x94\x92 ", "naïve ",
                                       "\"quoted\" " };
  GString *out = g_string_new (start);
  gint length = g_test_rand_int_range (around - 60, around + 20);

  while (g_utf8_strlen (out->str, -1) < length)
    g_string_append (out, words[g_test_rand_int_range (0, G_N_ELEMENTS (words))]);
  g_free (*text);
  *text = g_string_free_and_steal (out);
}

static void
assert_fits (LwRequest *request, JsonNode *body)
{
  JsonObject *properties = properties_of (body);
  const char *description = lw_json_get_string (properties, "description");
  g_autofree char *blocker = g_strstrip (g_strdup (request->reason->blocker));
  g_autofree char *leeway = lw_json_canonical (lw_json_path (properties, "metadata.leeway"), NULL);

  g_assert_true (g_str_has_prefix (description, blocker));
  g_assert_cmpuint (lw_field_length (description), <=, 512);
  g_assert_cmpuint (lw_field_length (lw_json_get_string (properties, "displayName")), <=, 128);
  g_assert_cmpuint (lw_field_length (leeway), <=, 1024);
}

/* Whatever the assessment lets through in texts of any length fits, and nothing of it is cut. */
static void
test_always_fits (void)
{
  guint fitting = 0;

  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (LwRequest) request = fixture_request ();
      g_autoptr (GDateTime) now = fixture_now ();
      LwAssessContext context = { .now = now };
      g_autoptr (GPtrArray) findings = NULL;
      g_autoptr (JsonNode) body = NULL;
      g_autoptr (GError) error = NULL;

      set_text (&request->title, "Title of it ", 128);
      set_text (&request->reason->blocker, "What is blocked ", 500);
      set_text (&request->reason->end_state, "The end ", 500);
      for (gint n = g_test_rand_int_range (0, 14); n > 0; n--)
        g_ptr_array_add (request->controls,
                         lw_control_copy (g_ptr_array_index (request->controls, 0)));
      findings = lw_assess (request, &context);
      body = write_grant (request, NULL, &error);
      if (!lw_findings_submittable (findings))
        continue;
      g_assert_no_error (error);
      assert_fits (request, body);
      fitting++;
    }
  g_assert_cmpuint (fitting, >, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grant-write/names", test_names);
  g_test_add_func ("/grant-write/body", test_body);
  g_test_add_func ("/grant-write/discreet", test_discreet);
  g_test_add_func ("/grant-write/applied", test_applied);
  g_test_add_func ("/grant-write/again", test_again);
  g_test_add_func ("/grant-write/replaces", test_replaces);
  g_test_add_func ("/grant-write/foreign", test_foreign);
  g_test_add_func ("/grant-write/refused", test_refused);
  g_test_add_func ("/grant-write/always-fits", test_always_fits);
  return g_test_run ();
}
