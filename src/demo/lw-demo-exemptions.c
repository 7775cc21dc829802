/* SPDX-License-Identifier: GPL-3.0-or-later */

/* policyExemptions: get, list with its filters, and delete. Writing is in lw-demo-exemption-put.c. */

#include "lw-demo-exemptions.h"

#include "lw-demo-arm.h"
#include "lw-demo-json.h"

#include <string.h>

const char *const lw_demo_exemption_versions[] = { "2020-07-01-preview", "2022-07-01-preview",
                                                   "2024-12-01-preview", "2025-12-01-preview",
                                                   "2026-01-01-preview", NULL };

/* Whether that api-version knows the member. */
gboolean
lw_demo_exemption_knows (const char *version, const char *member)
{
  static const char *const first[] = { "policyAssignmentId", "policyDefinitionReferenceIds",
                                       "exemptionCategory",  "displayName",
                                       "description",        "expiresOn",
                                       "metadata",           NULL };
  static const char *const second[] = { "resourceSelectors", "assignmentScopeValidation", NULL };

  if (g_strv_contains (first, member))
    return TRUE;
  if (g_strv_contains (second, member))
    return strcmp (version, "2022-07-01") >= 0;

  return strcmp (version, "2025-12-01") >= 0;
}

/* The exemption as the asked api-version shows it. (transfer full) */
char *
lw_demo_exemption_text (LwDemoCall *self, LwDemoExemption *exemption)
{
  const char *version = lw_demo_call_query (self, "api-version");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GList) names = NULL;
  JsonObject *properties;

  if (!exemption->newer || strcmp (version, "2025-12-01") >= 0)
    return g_strdup (exemption->text);

  object = lw_demo_json_parse (exemption->text, strlen (exemption->text), NULL);
  properties = lw_demo_json_object (object, "properties");
  names = json_object_get_members (properties);
  for (GList *l = names; l != NULL; l = l->next)
    if (!lw_demo_exemption_knows (version, l->data))
      json_object_remove_member (properties, l->data);

  return lw_demo_json_object_text (object);
}

typedef struct
{
  gboolean exact;
  gboolean at;
  gboolean current;
  char *assignment; /* lower case */
} Filter;

static gboolean
parse_filter (LwDemoCall *self, Filter *filter)
{
  const char *text = lw_demo_call_query (self, "$filter");
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *id = NULL;

  if (text == NULL || *text == '\0')
    return TRUE;
  filter->at = g_ascii_strcasecmp (text, "atScope()") == 0;
  filter->exact = g_ascii_strcasecmp (text, "atExactScope()") == 0;
  filter->current = g_ascii_strcasecmp (text, "excludeExpired()") == 0;
  if (filter->at || filter->exact || filter->current)
    return TRUE;

  regex =
      g_regex_new ("^\\s*policyAssignmentId\\s+eq\\s+'([^']*)'\\s*$", G_REGEX_CASELESS, 0, NULL);
  if (!g_regex_match (regex, text, 0, &match))
    {
      lw_demo_call_fail (self, 400, "InvalidFilterInQueryString",
                         "The filter '%s' in the query string is not valid.", text);
      return FALSE;
    }
  id = g_match_info_fetch (match, 1);
  filter->assignment = g_ascii_strdown (id, -1);

  return TRUE;
}

static gboolean
passes (const Filter *filter, LwDemoExemption *exemption, gint64 now)
{
  if (filter->current && exemption->expires <= now)
    return FALSE;

  return filter->assignment == NULL || g_str_equal (exemption->assignment, filter->assignment);
}

/* Those at the scope and below in order of creation, then the inherited ones. */
static GPtrArray *
collect (LwDemoCall *self, LwDemoScope *scope, const Filter *filter)
{
  GPtrArray *found = g_ptr_array_new ();
  g_autoptr (GPtrArray) inherited = g_ptr_array_new ();
  GPtrArray *all = self->tenant->exemption_list;
  gint64 now = lw_demo_tenant_now (self->tenant) / G_USEC_PER_SEC;
  gboolean below = !filter->at && !filter->exact && scope->kind != LW_DEMO_GROUP;

  for (guint i = 0; i < all->len; i++)
    {
      LwDemoExemption *exemption = g_ptr_array_index (all, i);

      if (!passes (filter, exemption, now))
        continue;
      if (g_str_equal (exemption->scope->key, scope->key) ||
          (below && lw_demo_scope_within (exemption->scope, scope)))
        g_ptr_array_add (found, exemption);
      else if (!filter->exact && lw_demo_scope_within (scope, exemption->scope))
        g_ptr_array_add (inherited, exemption);
    }
  for (guint i = 0; i < inherited->len; i++)
    g_ptr_array_add (found, g_ptr_array_index (inherited, i));

  return found;
}

static void
list (LwDemoCall *self, LwDemoScope *scope)
{
  g_autoptr (GPtrArray) found = NULL;
  Filter filter = { 0 };
  guint start = lw_demo_call_query_uint (self, "$skiptoken", 0);
  GString *text;
  guint i;

  if (!parse_filter (self, &filter))
    return;
  found = collect (self, scope, &filter);
  g_free (filter.assignment);

  text = g_string_new ("{\"value\":[");
  for (i = start; i < found->len && i - start < self->demo->page_size; i++)
    {
      g_autofree char *one = lw_demo_exemption_text (self, g_ptr_array_index (found, i));

      if (i > start)
        g_string_append_c (text, ',');
      g_string_append (text, one);
    }
  g_string_append_c (text, ']');
  if (i < found->len)
    {
      g_autofree char *link = lw_demo_call_next_link (self, i);

      g_string_append_printf (text, ",\"nextLink\":\"%s\"", link);
    }
  g_string_append_c (text, '}');
  lw_demo_call_reply_json (self, 200, g_string_free (text, FALSE));
}

static void
remove_one (LwDemoCall *self, LwDemoExemption *exemption)
{
  if (exemption == NULL)
    {
      lw_demo_call_reply_empty (self, 204);
      return;
    }
  lw_demo_call_reply_json (self, 200, lw_demo_exemption_text (self, exemption));
  lw_demo_tenant_remove_exemption (self->tenant, exemption);
}

/* {scope}/providers/Microsoft.Authorization/policyExemptions[/{name}] */
void
lw_demo_exemptions_handle (LwDemoCall *self, LwDemoScope *scope, const char *name)
{
  const char *verb = lw_demo_call_is (self, "GET")      ? "read"
                     : lw_demo_call_is (self, "DELETE") ? "delete"
                                                        : "write";
  g_autofree char *action = g_strdup_printf ("Microsoft.Authorization/policyExemptions/%s", verb);
  g_autofree char *id = g_strdup_printf ("%s/providers/Microsoft.Authorization/policyExemptions/%s",
                                         scope->id, name != NULL ? name : "");
  LwDemoExemption *exemption = lw_demo_tenant_get_exemption (self->tenant, id);

  if (!lw_demo_call_supports (self, "policyExemptions",
                              self->demo->exemption_versions != NULL
                                  ? (const char *const *) self->demo->exemption_versions
                                  : lw_demo_exemption_versions) ||
      !lw_demo_call_need (self, action, scope) || !lw_demo_call_need_scope (self, scope))
    return;

  if (name == NULL && lw_demo_call_is (self, "GET"))
    list (self, scope);
  else if (name == NULL)
    lw_demo_call_fail_method (self);
  else if (lw_demo_call_is (self, "PUT"))
    lw_demo_exemption_put (self, scope, name, exemption);
  else if (lw_demo_call_is (self, "PATCH"))
    lw_demo_exemption_patch (self, scope, name, exemption);
  else if (lw_demo_call_is (self, "DELETE"))
    remove_one (self, exemption);
  else if (exemption == NULL)
    lw_demo_call_fail (self, 404, "PolicyExemptionNotFound",
                       "The policy exemption '%s' could not be found.", name);
  else
    lw_demo_call_reply_json (self, 200, lw_demo_exemption_text (self, exemption));
}
