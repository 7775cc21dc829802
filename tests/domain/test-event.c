/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-domain-error.h"
#include "lw-event.h"
#include "lw-json.h"

#define REQUEST "01933f2e-7a10-7c3d-8e4f-0123456789ab"
#define PRIYA   "11111111-1111-4111-8111-111111111111"

static LwEvent *
make (guint seq, const char *prev)
{
  g_autoptr (GDateTime) at = lw_instant_parse ("2026-11-20T10:00:00Z", NULL);
  g_autoptr (LwPerson) by = lw_person_new (PRIYA, "Priya Raman", "priya@contoso.example");
  g_autoptr (JsonObject) body = json_object_new ();

  lw_json_set_string (body, "comment", "Grüße");
  return lw_event_new (REQUEST, seq, LW_EVENT_COMMENTED, at, by, "tenant", prev, body);
}

static void
test_round_trip (void)
{
  g_autoptr (LwEvent) event = make (1, "");
  g_autoptr (LwEvent) again = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (event->bytes, &size);

  g_assert_true (
      g_str_has_prefix (text, "{\"at\":\"2026-11-20T10:00:00Z\",\"body\":{\"comment\":"));
  again = lw_event_from_bytes (event->bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->request, ==, REQUEST);
  g_assert_cmpuint (again->seq, ==, 1);
  g_assert_cmpint (again->kind, ==, LW_EVENT_COMMENTED);
  g_assert_cmpstr (again->by->upn, ==, "priya@contoso.example");
  g_assert_cmpstr (again->by_tenant, ==, "tenant");
  g_assert_cmpstr (lw_json_get_string (again->body, "comment"), ==, "Grüße");
  g_assert_cmpstr (again->sha256, ==, event->sha256);
}

static void
test_kinds (void)
{
  for (LwEventKind kind = LW_EVENT_SUBMITTED; kind < LW_EVENT_UNKNOWN; kind++)
    g_assert_cmpint (lw_event_kind_from_string (lw_event_kind_to_string (kind)), ==, kind);
  g_assert_cmpint (lw_event_kind_from_string ("reopened"), ==, LW_EVENT_UNKNOWN);
  g_assert_cmpint (lw_event_kind_from_string (NULL), ==, LW_EVENT_UNKNOWN);
  g_assert_cmpint (lw_event_kind_from_string ("Approved"), ==, LW_EVENT_UNKNOWN);
}

/* The event with one member replaced by the JSON @value, or without it where that is %NULL. */
static void
assert_refused (const char *member, const char *value, int code)
{
  g_autoptr (LwEvent) event = make (1, "");
  g_autoptr (JsonNode) node = lw_json_parse (event->bytes, 0, NULL);
  JsonObject *object = json_node_get_object (node);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwEvent) read = NULL;
  g_autoptr (GError) error = NULL;
  char *text;

  if (value == NULL)
    json_object_remove_member (object, member);
  else
    json_object_set_member (object, member, lw_json_parse_string (value, NULL));
  text = lw_json_canonical (node, NULL);
  bytes = g_bytes_new_take (text, strlen (text));
  read = lw_event_from_bytes (bytes, &error);
  g_assert_null (read);
  g_assert_error (error, LW_DOMAIN_ERROR, code);
}

static void
test_refused (void)
{
  static const char *const members[] = { "request", "seq", "kind", "at", "by", "prev", "body" };
  static const char *const values[] = { NULL, "null", "[]", "\"\x7F\"", "-1", "1.5" };

  for (guint m = 0; m < G_N_ELEMENTS (members); m++)
    for (guint v = 0; v < G_N_ELEMENTS (values); v++)
      {
        if ((m == 0 || m == 2) && v == 3)
          continue;
        assert_refused (members[m], values[v], LW_DOMAIN_ERROR_TYPE);
      }
  assert_refused ("version", "2", LW_DOMAIN_ERROR_VERSION);
  assert_refused ("version", "0", LW_DOMAIN_ERROR_TYPE);
  assert_refused ("version", NULL, LW_DOMAIN_ERROR_TYPE);
  assert_refused ("by", "{\"name\":\"x\"}", LW_DOMAIN_ERROR_TYPE);
  assert_refused ("seq", "0", LW_DOMAIN_ERROR_TYPE);
  assert_refused ("seq", "99999999999", LW_DOMAIN_ERROR_TYPE);
  assert_refused ("prev", "\"abc\"", LW_DOMAIN_ERROR_TYPE);
}

static void
test_unknown_kind (void)
{
  static const char text[] = "{\"version\":1,\"request\":\"r\",\"seq\":3,\"kind\":\"reopened\","
                             "\"at\":\"2026-11-20T10:00:00Z\",\"by\":{\"id\":\"x\"},\"prev\":\"\","
                             "\"body\":{},\"new\":1}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwEvent) event = lw_event_from_bytes (bytes, &error);

  g_assert_no_error (error);
  g_assert_cmpint (event->kind, ==, LW_EVENT_UNKNOWN);
  g_assert_cmpstr (event->kind_name, ==, "reopened");
}

static void
test_seal (void)
{
  g_autoptr (GDateTime) at = lw_instant_parse ("2026-11-20T10:00:00Z", NULL);
  g_autoptr (LwPerson) by = lw_person_new ("AAAA1111-1111-4111-8111-111111111111", "M", "m@x");
  g_autoptr (GBytes) seal = lw_seal_to_bytes (REQUEST, "abc", at, by, "t");
  g_autoptr (GBytes) junk = g_bytes_new_static ("[]", 2);
  g_autofree char *name = lw_seal_name ("abc", by->id);

  g_assert_cmpstr (name, ==, "abc-aaaa1111-1111-4111-8111-111111111111");
  g_assert_true (lw_seal_matches (seal, REQUEST, "abc", "aaaa1111-1111-4111-8111-111111111111"));
  g_assert_false (lw_seal_matches (seal, REQUEST, "abd", by->id));
  g_assert_false (lw_seal_matches (seal, "other", "abc", by->id));
  g_assert_false (lw_seal_matches (seal, REQUEST, "abc", PRIYA));
  g_assert_false (lw_seal_matches (junk, REQUEST, "abc", by->id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/round-trip", test_round_trip);
  g_test_add_func ("/event/kinds", test_kinds);
  g_test_add_func ("/event/refused", test_refused);
  g_test_add_func ("/event/unknown-kind", test_unknown_kind);
  g_test_add_func ("/event/seal", test_seal);
  return g_test_run ();
}
