/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"

static char *
pretty_of (const LwRequest *request)
{
  g_autoptr (JsonNode) node = lw_request_to_json (request);

  return lw_json_pretty (node);
}

/* Reading and writing @node gives the same text, in the same order. */
static void
assert_round_trip (JsonNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRequest) request = lw_request_from_json (node, &error);
  g_autoptr (LwRequest) copy = NULL;
  g_autofree char *before = lw_json_pretty (node);
  g_autofree char *after = NULL;
  g_autofree char *copied = NULL;

  g_assert_no_error (error);
  copy = lw_request_copy (request);
  after = pretty_of (request);
  copied = pretty_of (copy);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpstr (copied, ==, before);
}

static void
test_fixture (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (LwRequest) request = fixture_request ();
  const LwGrant *grant = g_ptr_array_index (request->grants, 0);
  const LwControl *control = g_ptr_array_index (request->controls, 0);

  assert_round_trip (node);
  g_assert_cmpstr (request->id, ==, FIXTURE_ID);
  g_assert_cmpstr (request->requester->id, ==, PRIYA);
  g_assert_cmpuint (grant->n, ==, 1);
  g_assert_cmpuint (grant->references->len, ==, 1);
  g_assert_cmpstr (request->reason->end_state_by, ==, "2027-01-31");
  g_assert_cmpstr (control->kind, ==, "network-boundary");
  g_assert_cmpuint (control->evidence->len, ==, 1);
  g_assert_null (request->renews_request);
  g_assert_false (request->emergency);
}

/* Puts an unknown member into every object of the tree, at its front. */
static JsonNode *
with_unknown (JsonNode *node, guint *count)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        json_array_add_element (
            array, with_unknown (json_array_get_element (json_node_get_array (node), i), count));
      JsonNode *result = json_node_new (JSON_NODE_ARRAY);

      json_node_take_array (result, array);
      return result;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_object_new ();
      JsonNode *result = json_node_new (JSON_NODE_OBJECT);
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_set_member (object, "zUnknown",
                              fixture_json ("{'a':[1.5,null,{'b':true}],'':'x'}"));
      (*count)++;
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        json_object_set_member (object, name, with_unknown (value, count));
      json_object_set_member (object, "alsoUnknown", json_node_init_null (json_node_alloc ()));
      json_node_take_object (result, object);
      return result;
    }
  return json_node_copy (node);
}

static JsonNode *
full_request (void)
{
  JsonNode *node = fixture_request_json ();
  JsonObject *object = json_node_get_object (node);
  JsonObject *grant = lw_json_array_get_object (lw_json_get_array (object, "grants"), 0);

  json_object_set_member (object, "renews", fixture_json ("{'request':'r','whatChanged':'w'}"));
  json_object_set_member (
      object, "evidence",
      fixture_json ("[{'sha256':'aa','name':'n','size':12,'mediaType':'t'},{'link':'l'}]"));
  json_object_set_member (object, "emergency", fixture_json ("true"));
  json_object_set_member (grant, "policy",
                          fixture_json ("{'instanceId':'i','definition':'d','version':'1.0.0',"
                                        "'enforcementMode':'Default'}"));
  json_object_set_member (
      grant, "selectors",
      fixture_json ("[{'name':'s','selectors':[{'kind':'resourceType','in':['x']}]}]"));
  return node;
}

static void
test_unknown_members (void)
{
  g_autoptr (JsonNode) plain = full_request ();
  guint count = 0;
  g_autoptr (JsonNode) node = with_unknown (plain, &count);

  g_assert_cmpuint (count, >, 12);
  assert_round_trip (plain);
  assert_round_trip (node);
}

/* A draft may leave out or null anything but its version, and stays as it was. */
static void
test_missing_members (void)
{
  g_autoptr (JsonNode) bare = fixture_json ("{'version':1}");
  g_autoptr (JsonNode) full = full_request ();
  g_autoptr (GList) members = json_object_get_members (json_node_get_object (full));

  assert_round_trip (bare);
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autoptr (JsonNode) without = lw_json_node_copy (full);
      g_autoptr (JsonNode) with_null = lw_json_node_copy (full);

      if (strcmp (l->data, "version") == 0)
        continue;
      json_object_remove_member (json_node_get_object (without), l->data);
      json_object_set_null_member (json_node_get_object (with_null), l->data);
      assert_round_trip (without);
      assert_round_trip (with_null);
    }
}

/* All paths of members below @node, as "a/0/b". */
static void
collect_paths (JsonNode *node, const char *prefix, GPtrArray *paths)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        {
          char *path = g_strdup_printf ("%s%s", prefix, name);
          g_autofree char *deeper = g_strconcat (path, "/", NULL);

          g_ptr_array_add (paths, path);
          if (strcmp (name, "selectors") != 0 || !g_str_has_suffix (prefix, "/0/"))
            collect_paths (value, deeper, paths);
        }
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *deeper = g_strdup_printf ("%s%u/", prefix, i);

        collect_paths (json_array_get_element (json_node_get_array (node), i), deeper, paths);
      }
}

static void
set_path (JsonNode *node, const char *path, JsonNode *value)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint last = g_strv_length (parts) - 1;

  for (guint i = 0; i < last; i++)
    node = JSON_NODE_HOLDS_ARRAY (node)
               ? json_array_get_element (json_node_get_array (node), (guint) atoi (parts[i]))
               : json_object_get_member (json_node_get_object (node), parts[i]);
  json_object_set_member (json_node_get_object (node), parts[last], value);
}

/* "grants/0/scope" → "grants[0].scope" */
static char *
message_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  GString *text = g_string_new (parts[0]);

  for (guint i = 1; parts[i] != NULL; i++)
    g_string_append_printf (text, g_ascii_isdigit (parts[i][0]) ? "[%s]" : ".%s", parts[i]);
  return g_string_free_and_steal (text);
}

/* Every known member refuses every type but its own and null, and the message names it. */
static void
test_wrong_types (void)
{
  static const char *const values[] = { "'text'", "7",   "-1", "1.5", "true",
                                        "[]",     "[7]", "{}", "1e30" };
  g_autoptr (JsonNode) full = full_request ();
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  guint refused = 0;

  collect_paths (full, "", paths);
  g_assert_cmpuint (paths->len, >, 50);
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *shown = message_path (path);
      guint accepted = 0;

      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        {
          g_autoptr (JsonNode) node = lw_json_node_copy (full);
          g_autoptr (LwRequest) request = NULL;
          g_autoptr (GError) error = NULL;

          set_path (node, path, fixture_json (values[v]));
          request = lw_request_from_json (node, &error);
          if (request != NULL)
            {
              accepted++;
              continue;
            }
          refused++;
          g_assert_true (error->domain == LW_DOMAIN_ERROR);
          if (strcmp (path, "version") != 0 && strstr (error->message, shown) == NULL)
            g_error ("%s does not name %s", error->message, shown);
        }
      g_assert_cmpuint (accepted, <=, 2);
    }
  g_assert_cmpuint (refused, >, 300);
}

static void
test_versions (void)
{
  static const struct
  {
    const char *json;
    int code;
  } cases[] = {
    { "{}", LW_DOMAIN_ERROR_VERSION },
    { "{'version':2}", LW_DOMAIN_ERROR_VERSION },
    { "{'version':0}", LW_DOMAIN_ERROR_VERSION },
    { "{'version':'1'}", LW_DOMAIN_ERROR_VERSION },
    { "{'version':null}", LW_DOMAIN_ERROR_VERSION },
    { "[]", LW_DOMAIN_ERROR_TYPE },
    { "'x'", LW_DOMAIN_ERROR_TYPE },
    { "{'version':1,'x':9007199254740993}", LW_DOMAIN_ERROR_TYPE },
    { "{'version':1,'grants':[{'n':10000}]}", LW_DOMAIN_ERROR_TYPE },
    { "{'version':1,'grants':[null]}", LW_DOMAIN_ERROR_TYPE },
    { "{'version':1,'grants':[{'references':[null]}]}", LW_DOMAIN_ERROR_TYPE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_json (cases[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwRequest) request = lw_request_from_json (node, &error);

      g_assert_null (request);
      g_assert_error (error, LW_DOMAIN_ERROR, cases[i].code);
    }
}

/* What can be read can be wrapped in an event and read again. */
static void
test_depth (void)
{
  for (guint depth = 50; depth <= 63; depth++)
    {
      g_autoptr (GString) text = g_string_new ("{\"version\":1,\"id\":\"" FIXTURE_ID "\",\"x\":");
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (LwRequest) request = NULL;
      g_autoptr (LwEvent) event = NULL;
      g_autoptr (JsonObject) body = json_object_new ();
      g_autoptr (LwPerson) who = lw_person_new (PRIYA, NULL, NULL);
      g_autoptr (GDateTime) now = fixture_now ();

      for (guint i = 0; i < depth; i++)
        g_string_append_c (text, '[');
      for (guint i = 0; i < depth; i++)
        g_string_append_c (text, ']');
      g_string_append_c (text, '}');
      node = lw_json_parse_string (text->str, NULL);
      g_assert_nonnull (node);
      request = lw_request_from_json (node, NULL);
      if (request == NULL)
        {
          g_assert_cmpuint (depth, >, 56);
          continue;
        }
      json_object_set_member (body, "content", lw_request_to_json (request));
      event = lw_event_new (FIXTURE_ID, 1, LW_EVENT_SUBMITTED, now, who, NULL, "", body);
      g_assert_nonnull (event);
    }
}

static void
test_digest (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (LwRequest) copy = lw_request_copy (request);
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autofree char *expected = lw_json_digest (node, NULL);
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autofree char *same = lw_request_digest (copy, NULL);
  g_autofree char *changed = NULL;

  g_assert_cmpstr (digest, ==, expected);
  g_assert_cmpstr (same, ==, expected);
  g_set_str (&copy->title, "Another title");
  changed = lw_request_digest (copy, NULL);
  g_assert_cmpstr (changed, !=, expected);
}

/* What is made here and what is changed here reads back as the same. */
static void
test_changes (void)
{
  g_autoptr (LwRequest) request = lw_request_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (LwRequest) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  LwGrant *grant = lw_grant_new (lw_request_next_grant_number (request));
  LwControl *control = lw_control_new ("other");

  g_assert_true (lw_uuid_is_valid (request->id));
  g_set_str (&grant->scope, "/subscriptions/s");
  g_ptr_array_add (grant->references, g_strdup ("a"));
  grant->policy = lw_policy_snapshot_new ();
  g_set_str (&grant->policy->version, "1.0.0");
  g_hash_table_insert (grant->policy->effects, g_strdup ("a"), g_strdup ("deny"));
  g_ptr_array_add (request->grants, grant);
  g_ptr_array_add (control->evidence, lw_evidence_new_link ("https://x"));
  control->checked_by = lw_person_new ("p", "P", NULL);
  g_ptr_array_add (request->controls, control);
  g_ptr_array_add (request->remediation, lw_remediation_new ("step", "2027-01-01", NULL));
  request->owner = lw_person_new ("o", "O", "o@x");
  g_set_str (&request->reason->blocker, "b");
  g_set_str (&request->renews_request, "r");
  request->emergency = TRUE;

  node = lw_request_to_json (request);
  again = lw_request_from_json (node, &error);
  g_assert_no_error (error);
  first = pretty_of (request);
  second = pretty_of (again);
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpuint (lw_request_next_grant_number (again), ==, 2);
  g_assert_cmpstr (lw_request_get_grant (again, 1)->scope, ==, "/subscriptions/s");
  g_assert_null (lw_request_get_grant (again, 2));
  g_assert_cmpstr (g_hash_table_lookup (lw_request_get_grant (again, 1)->policy->effects, "a"), ==,
                   "deny");
}

/* Taking values away leaves null (or nothing, for an emergency), and unknown members where they are. */
static void
test_clearing (void)
{
  g_autoptr (JsonNode) plain = full_request ();
  guint count = 0;
  g_autoptr (JsonNode) node = with_unknown (plain, &count);
  g_autoptr (LwRequest) request = lw_request_from_json (node, NULL);
  g_autoptr (JsonNode) written = NULL;
  JsonObject *object;
  JsonObject *grant;
  LwGrant *cleared = g_ptr_array_index (request->grants, 0);

  g_clear_pointer (&request->title, g_free);
  g_clear_pointer (&request->owner, lw_person_free);
  g_clear_pointer (&request->renews_request, g_free);
  g_clear_pointer (&request->renews_what_changed, g_free);
  g_clear_pointer (&request->reason->blocker, g_free);
  request->emergency = FALSE;
  g_ptr_array_set_size (cleared->references, 0);
  g_clear_pointer (&cleared->policy, lw_policy_snapshot_free);
  g_ptr_array_set_size (request->controls, 0);

  written = lw_request_to_json (request);
  object = json_node_get_object (written);
  grant = lw_json_array_get_object (lw_json_get_array (object, "grants"), 0);
  g_assert_true (json_object_get_null_member (object, "title"));
  g_assert_true (json_object_get_null_member (object, "owner"));
  g_assert_true (json_object_get_null_member (object, "renews"));
  g_assert_false (json_object_has_member (object, "emergency"));
  g_assert_true (json_object_get_null_member (lw_json_get_object (object, "reason"), "blocker"));
  g_assert_true (json_object_has_member (lw_json_get_object (object, "reason"), "zUnknown"));
  g_assert_cmpuint (json_array_get_length (lw_json_get_array (grant, "references")), ==, 0);
  g_assert_true (json_object_get_null_member (grant, "policy"));
  g_assert_true (json_object_has_member (grant, "zUnknown"));
  g_assert_cmpuint (json_array_get_length (lw_json_get_array (object, "controls")), ==, 0);
}

/* The effects are a map from references, so nothing but texts and null belongs in it. */
static void
test_effects (void)
{
  g_autoptr (JsonNode) node = full_request ();
  g_autoptr (LwRequest) request = NULL;
  g_autoptr (JsonNode) written = NULL;
  g_autoptr (JsonNode) expected = fixture_json ("{'z':'deny','later':null,'a':'modify'}");
  g_autoptr (GError) error = NULL;
  LwGrant *grant;

  set_path (node, "grants/0/policy/effects",
            fixture_json ("{'z':'deny','m':'audit','later':null}"));
  assert_round_trip (node);
  request = lw_request_from_json (node, NULL);
  grant = g_ptr_array_index (request->grants, 0);
  g_assert_cmpuint (g_hash_table_size (grant->policy->effects), ==, 2);
  g_hash_table_remove (grant->policy->effects, "m");
  g_hash_table_insert (grant->policy->effects, g_strdup ("a"), g_strdup ("modify"));
  written = lw_request_to_json (request);
  grant = NULL;
  {
    JsonObject *object = json_node_get_object (written);
    JsonObject *policy = lw_json_get_object (
        lw_json_array_get_object (lw_json_get_array (object, "grants"), 0), "policy");
    g_autofree char *text = lw_json_pretty (json_object_get_member (policy, "effects"));
    g_autofree char *wanted = lw_json_pretty (expected);

    g_assert_cmpstr (text, ==, wanted);
  }
  set_path (node, "grants/0/policy/effects", fixture_json ("{'z':7}"));
  g_assert_null (lw_request_from_json (node, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
  g_assert_nonnull (strstr (error->message, "grants[0].policy.effects.z"));
}

static void
test_people (void)
{
  g_autoptr (LwPerson) a = lw_person_new ("ABC", "A", NULL);
  g_autoptr (LwPerson) b = lw_person_new ("abc", "B", "b@x");
  g_autoptr (LwPerson) none = lw_person_new (NULL, "C", NULL);
  g_autoptr (LwPerson) empty = lw_person_new ("", "D", NULL);

  g_assert_true (lw_person_equal (a, b));
  g_assert_false (lw_person_equal (none, none));
  g_assert_false (lw_person_equal (empty, empty));
  g_assert_false (lw_person_equal (a, NULL));
  g_assert_false (lw_person_equal (NULL, NULL));
}

static void
test_bytes (void)
{
  static const char *const bad[] = { "request-truncated.json", "request-duplicate.json",
                                     "request-wrong-type.json", "request-newer.json",
                                     "request-number.json" };
  static const int codes[] = { LW_DOMAIN_ERROR_JSON, LW_DOMAIN_ERROR_JSON, LW_DOMAIN_ERROR_TYPE,
                               LW_DOMAIN_ERROR_VERSION, LW_DOMAIN_ERROR_JSON };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      char *text = fixture_text (bad[i]);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
      g_autoptr (GError) error = NULL;
      g_autoptr (LwRequest) request = lw_request_from_bytes (bytes, &error);

      g_assert_null (request);
      g_assert_error (error, LW_DOMAIN_ERROR, codes[i]);
    }
}

static void
test_instants (void)
{
  static const struct
  {
    const char *text;
    const char *utc; /* NULL where it is refused */
  } cases[] = {
    { "2027-01-31T22:59:59Z", "2027-01-31T22:59:59Z" },
    { "2027-01-31T22:59:59.1234567Z", "2027-01-31T22:59:59Z" },
    { "2027-01-31T22:59:59.9999999Z", "2027-01-31T22:59:59Z" },
    { "2027-01-31T22:59:59.5+00:00", "2027-01-31T22:59:59Z" },
    { "2027-01-31T00:30:00+02:00", "2027-01-30T22:30:00Z" },
    { "2027-01-31T22:00:00-05:30", "2027-02-01T03:30:00Z" },
    { "2027-01-31", "2027-01-31T00:00:00Z" },
    { "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z" },
    { "3021-01-01T00:00:00Z", "3021-01-01T00:00:00Z" },
    { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
    { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
    { "9999-12-31T23:59:59-01:00", NULL },
    { "0001-01-01T00:00:00+01:00", NULL },
    { "2027-02-29T00:00:00Z", NULL },
    { "2027-13-01T00:00:00Z", NULL },
    { "2027-00-01", NULL },
    { "2027-01-00", NULL },
    { "0000-01-01", NULL },
    { "2027-01-31T24:00:00Z", NULL },
    { "2027-01-31T23:60:00Z", NULL },
    { "2027-01-31T23:59:60Z", NULL },
    { "2027-01-31T22:59:59", NULL },
    { "2027-01-31T22:59Z", NULL },
    { "2027-01-31T22:59:59.Z", NULL },
    { "2027-01-31T22:59:59.12345678Z", NULL },
    { "2027-01-31T22:59:59Zx", NULL },
    { "2027-01-31T22:59:59+2:00", NULL },
    { "2027-01-31T22:59:59+24:00", NULL },
    { "2027-1-31", NULL },
    { "27-01-31", NULL },
    { " 2027-01-31", NULL },
    { "31.01.2027", NULL },
    { "", NULL },
    { "2027-01-3\xC3\xA9", NULL },
    { NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GDateTime) instant = lw_instant_parse (cases[i].text, &error);
      g_autofree char *text = instant != NULL ? lw_instant_format (instant) : NULL;

      g_assert_cmpstr (text, ==, cases[i].utc);
      if (instant == NULL)
        g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
    }
  g_assert_true (lw_day_is_valid ("2028-02-29"));
  g_assert_false (lw_day_is_valid ("2027-02-29"));
  g_assert_false (lw_day_is_valid ("2027-01-31T00:00:00Z"));
  g_assert_false (lw_day_is_valid (""));
  g_assert_false (lw_day_is_valid (NULL));
}

static void
test_uuid (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *known = lw_uuid_v7 (0x017F22E279B0);

  /* RFC 9562, appendix A.6. */
  g_assert_true (g_str_has_prefix (known, "017f22e2-79b0-7"));
  for (guint i = 0; i < 1000; i++)
    {
      char *id = lw_uuid_v7 (1700000000000);

      g_assert_true (lw_uuid_is_valid (id));
      g_assert_cmpint (id[14], ==, '7');
      g_assert_nonnull (strchr ("89ab", id[19]));
      g_assert_true (g_hash_table_add (seen, id));
    }
  g_assert_false (lw_uuid_is_valid (NULL));
  g_assert_false (lw_uuid_is_valid ("017f22e2-79b0-7cc3-98c4-dc0c0c07398"));
  g_assert_false (lw_uuid_is_valid ("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"));
  g_assert_false (lw_uuid_is_valid ("017f22e2079b0-7cc3-98c4-dc0c0c07398f"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/fixture", test_fixture);
  g_test_add_func ("/request/unknown-members", test_unknown_members);
  g_test_add_func ("/request/missing-members", test_missing_members);
  g_test_add_func ("/request/wrong-types", test_wrong_types);
  g_test_add_func ("/request/versions", test_versions);
  g_test_add_func ("/request/depth", test_depth);
  g_test_add_func ("/request/digest", test_digest);
  g_test_add_func ("/request/changes", test_changes);
  g_test_add_func ("/request/clearing", test_clearing);
  g_test_add_func ("/request/effects", test_effects);
  g_test_add_func ("/request/people", test_people);
  g_test_add_func ("/request/bytes", test_bytes);
  g_test_add_func ("/request/instants", test_instants);
  g_test_add_func ("/request/uuid", test_uuid);
  return g_test_run ();
}
