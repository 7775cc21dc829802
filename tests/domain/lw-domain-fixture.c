/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-fixture.h"
#include "lw-json.h"

char *
fixture_text (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("LEEWAY_FIXTURES"), name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

JsonNode *
fixture_request_json (void)
{
  g_autofree char *text = fixture_text ("request-ok.json");
  g_autoptr (GError) error = NULL;
  JsonNode *node = lw_json_parse_string (text, &error);

  g_assert_no_error (error);
  return node;
}

LwRequest *
fixture_request (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (GError) error = NULL;
  LwRequest *request = lw_request_from_json (node, &error);

  g_assert_no_error (error);
  return request;
}

JsonNode *
fixture_json (const char *json)
{
  g_autofree char *text = g_strdelimit (g_strdup (json), "'", '"');
  g_autoptr (GError) error = NULL;
  JsonNode *node = lw_json_parse_string (text, &error);

  g_assert_no_error (error);
  return node;
}

LwRules *
fixture_rules (const char *json)
{
  g_autoptr (LwRules) defaults = lw_rules_new_default ();
  g_autoptr (JsonNode) node = lw_rules_to_json (defaults);
  g_autoptr (JsonNode) approvers = fixture_json (
      "[{'scope':null,'assignment':null,'people':[{'id':'" MEI "','name':'Mei Zhao','upn':"
      "'mei@contoso.example'},{'id':'" TOMAS
      "','name':'Tomás Herrera','upn':'tomas@contoso.example'}]}]");
  g_autoptr (JsonNode) changes = json != NULL ? fixture_json (json) : NULL;
  g_autoptr (GError) error = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;
  LwRules *rules;

  json_object_set_member (json_node_get_object (node), "approvers", g_steal_pointer (&approvers));
  if (changes != NULL)
    {
      json_object_iter_init (&iter, json_node_get_object (changes));
      while (json_object_iter_next (&iter, &member, &value))
        json_object_set_member (json_node_get_object (node), member, lw_json_node_copy (value));
    }
  rules = lw_rules_from_json (node, &error);
  g_assert_no_error (error);
  return rules;
}

GDateTime *
fixture_now (void)
{
  return lw_instant_parse (FIXTURE_NOW, NULL);
}
