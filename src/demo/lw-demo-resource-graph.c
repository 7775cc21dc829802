/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Resource Graph. It is no KQL engine: it answers the queries below, which data/demo/queries.md
 * documents, with runs of white space taken as one blank; any other is 400 BadRequest.
 */

#include "lw-demo-call.h"

#include "lw-demo-json.h"
#include "lw-demo-quota.h"

#include <string.h>

#define READ "Microsoft.Resources/read"

typedef enum
{
  QUERY_EXEMPTIONS,
  QUERY_ASSIGNMENTS,
  QUERY_SCOPES,
  QUERY_SEARCH,
  QUERY_BELOW,
} QueryKind;

/* "%" stands for a literal; the same one wherever it occurs. */
static const char *const queries[] = {
  "policyresources | where type == 'microsoft.authorization/policyexemptions' | project id, name, "
  "type, subscriptionId, resourceGroup, properties, systemData | order by id asc",
  "policyresources | where type == 'microsoft.authorization/policyassignments' | project id, name, "
  "type, properties | order by id asc",
  "resourcecontainers | where type in ('microsoft.resources/subscriptions', "
  "'microsoft.resources/subscriptions/resourcegroups', 'microsoft.management/managementgroups') | "
  "project id, name, type, location, tags, properties | order by id asc",
  "resources | where name contains '%' or id contains '%' | project id, name, type, location, "
  "tags, "
  "resourceGroup, subscriptionId | order by id asc",
  "resources | where id startswith '%' | project id, name, type, location, tags, resourceGroup, "
  "subscriptionId | order by id asc",
};

typedef enum
{
  AT_AND_BELOW,
  AT_AND_ABOVE,
  AT_EXACT,
  ABOVE_AND_BELOW
} ScopeFilter;

typedef struct
{
  QueryKind kind;
  char *literal;     /* nullable */
  GPtrArray *scopes; /* (element-type LwDemoScope); empty: all the caller can see */
  ScopeFilter filter;
} Query;

static void
query_clear (Query *self)
{
  g_free (self->literal);
  g_ptr_array_unref (self->scopes);
}

static char *
one_blank (const char *text)
{
  g_autoptr (GRegex) blanks = g_regex_new ("\\s+", 0, 0, NULL);
  char *flat = g_regex_replace_literal (blanks, text, -1, 0, " ", 0, NULL);

  return g_strstrip (flat);
}

/* Reads a literal up to its closing quote; \\ and \' are escapes. %NULL where it does not end. */
static char *
read_literal (const char **text)
{
  GString *literal = g_string_new (NULL);

  for (; **text != '\0' && **text != '\''; (*text)++)
    {
      if (**text == '\\' && ((*text)[1] == '\\' || (*text)[1] == '\''))
        (*text)++;
      g_string_append_c (literal, **text);
    }
  if (**text == '\0')
    {
      g_string_free (literal, TRUE);
      return NULL;
    }

  return g_string_free (literal, FALSE);
}

static gboolean
matches (const char *query, const char *pattern, char **literal)
{
  for (; *pattern != '\0'; pattern++)
    {
      if (*pattern == '%')
        {
          g_autofree char *one = read_literal (&query);

          if (one == NULL || (*literal != NULL && !g_str_equal (*literal, one)))
            return FALSE;
          g_free (*literal);
          *literal = g_steal_pointer (&one);
        }
      else if (*query++ != *pattern)
        return FALSE;
    }

  return *query == '\0';
}

static gboolean
parse_query (const char *text, Query *query)
{
  g_autofree char *flat = one_blank (text);

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_clear_pointer (&query->literal, g_free);
      query->kind = i;
      /* White space inside a literal counts, so those are compared as they came. */
      if (matches (i >= QUERY_SEARCH ? text : flat, queries[i], &query->literal))
        return TRUE;
      if (i >= QUERY_SEARCH)
        {
          g_clear_pointer (&query->literal, g_free);
          if (matches (flat, queries[i], &query->literal))
            return TRUE;
        }
    }

  return FALSE;
}

static void
parse_scopes (LwDemoCall *self, JsonObject *body, Query *query)
{
  static const struct
  {
    const char *member, *prefix;
  } kinds[] = { { "subscriptions", "/subscriptions/" },
                { "managementGroups", "/providers/Microsoft.Management/managementGroups/" } };
  const char *filter =
      lw_demo_json_string (lw_demo_json_object (body, "options"), "authorizationScopeFilter");

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      JsonArray *list = lw_demo_json_array (body, kinds[k].member);

      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        {
          const char *name = lw_demo_json_string_at (list, i);
          g_autofree char *id = name != NULL ? g_strconcat (kinds[k].prefix, name, NULL) : NULL;
          LwDemoScope *scope = id != NULL ? lw_demo_tenant_scope (self->tenant, id) : NULL;

          if (scope != NULL)
            g_ptr_array_add (query->scopes, scope);
        }
    }
  if (filter == NULL || g_ascii_strcasecmp (filter, "AtScopeAndBelow") == 0)
    query->filter = AT_AND_BELOW;
  else if (g_ascii_strcasecmp (filter, "AtScopeAndAbove") == 0)
    query->filter = AT_AND_ABOVE;
  else if (g_ascii_strcasecmp (filter, "AtScopeExact") == 0)
    query->filter = AT_EXACT;
  else
    query->filter = ABOVE_AND_BELOW;
}

static gboolean
relates (const LwDemoScope *item, const LwDemoScope *asked, ScopeFilter filter)
{
  gboolean below = lw_demo_scope_within (item, asked);
  gboolean above = lw_demo_scope_within (asked, item);

  switch (filter)
    {
    case AT_AND_BELOW:
      return below;
    case AT_AND_ABOVE:
      return above;
    case AT_EXACT:
      return below && above;
    case ABOVE_AND_BELOW:
    default:
      return below || above;
    }
}

/* Whether the caller sees what stands at @item. Where no scope is named, those the caller holds a
 * role at are asked; what is inherited from above a scope that can be read can be read there. */
static gboolean
in_view (LwDemoCall *self, const Query *query, const LwDemoScope *item)
{
  LwDemoPerson *person = self->caller->person;
  gboolean readable = lw_demo_person_can (person, READ, item);

  for (guint i = 0; i < query->scopes->len; i++)
    {
      LwDemoScope *asked = g_ptr_array_index (query->scopes, i);

      if (relates (item, asked, query->filter) &&
          (readable ||
           (lw_demo_scope_within (asked, item) && lw_demo_person_can (person, READ, asked))))
        return TRUE;
    }
  for (guint i = 0; query->scopes->len == 0 && i < person->roles->len; i++)
    {
      LwDemoRoleAssignment *held = g_ptr_array_index (person->roles, i);

      if (relates (item, held->scope, query->filter) &&
          (readable || (lw_demo_scope_within (held->scope, item) &&
                        lw_demo_person_can (person, READ, held->scope))))
        return TRUE;
    }

  return FALSE;
}

static void
set_place (JsonObject *row, const char *key)
{
  g_auto (GStrv) parts = g_strsplit (key, "/", 6);
  guint n = g_strv_length (parts);
  gboolean subscription = n > 2 && g_str_equal (parts[1], "subscriptions");

  json_object_set_string_member (
      row, "resourceGroup",
      subscription && n > 4 && g_str_equal (parts[3], "resourcegroups") ? parts[4] : "");
  json_object_set_string_member (row, "subscriptionId", subscription ? parts[2] : "");
}

static JsonObject *
exemption_row (gconstpointer data)
{
  const LwDemoExemption *exemption = data;
  JsonObject *row = lw_demo_json_parse (exemption->text, strlen (exemption->text), NULL);

  json_object_set_string_member (row, "type", "microsoft.authorization/policyexemptions");
  set_place (row, exemption->scope->key);

  return row;
}

static JsonObject *
assignment_row (gconstpointer data)
{
  const LwDemoPolicy *policy = data;
  JsonObject *row = json_object_new ();

  json_object_set_string_member (row, "id", policy->id);
  json_object_set_string_member (row, "name", policy->name);
  json_object_set_string_member (row, "type", "microsoft.authorization/policyassignments");
  json_object_set_object_member (row, "properties", lw_demo_json_copy_object (policy->properties));

  return row;
}

static JsonObject *
new_row (const LwDemoNode *node, const char *name)
{
  JsonObject *row = json_object_new ();
  g_autofree char *type = g_ascii_strdown (node->type, -1);

  json_object_set_string_member (row, "id", node->id);
  json_object_set_string_member (row, "name", name);
  json_object_set_string_member (row, "type", type);
  json_object_set_string_member (row, "location", node->location != NULL ? node->location : "");
  if (node->tags != NULL)
    json_object_set_object_member (row, "tags", lw_demo_json_copy_object (node->tags));
  else
    json_object_set_null_member (row, "tags");

  return row;
}

static JsonArray *
ancestors (const LwDemoNode *node)
{
  JsonArray *chain = json_array_new ();

  for (node = node->parent; node != NULL; node = node->parent)
    {
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "displayName", node->display);
      json_object_set_string_member (one, "name", node->name);
      json_array_add_object_element (chain, one);
    }

  return chain;
}

static JsonObject *
container_row (gconstpointer data)
{
  const LwDemoNode *node = data;
  gboolean group = node->kind == LW_DEMO_GROUP;
  JsonObject *row = new_row (node, node->kind == LW_DEMO_SUBSCRIPTION ? node->display : node->name);
  JsonObject *properties = json_object_new ();

  if (node->kind == LW_DEMO_RESOURCE_GROUP)
    {
      /* Resource Graph gives resource groups' type as a subscription's child. */
      json_object_set_string_member (row, "type",
                                     "microsoft.resources/subscriptions/resourcegroups");
      json_object_set_string_member (properties, "provisioningState", "Succeeded");
    }
  else if (group)
    {
      JsonObject *details = json_object_new ();

      json_object_set_string_member (properties, "displayName", node->display);
      json_object_set_array_member (details, "managementGroupAncestorsChain", ancestors (node));
      if (node->parent != NULL)
        {
          JsonObject *parent = json_object_new ();

          json_object_set_string_member (parent, "displayName", node->parent->display);
          json_object_set_string_member (parent, "id", node->parent->id);
          json_object_set_string_member (parent, "name", node->parent->name);
          json_object_set_object_member (details, "parent", parent);
        }
      json_object_set_object_member (properties, "details", details);
    }
  else
    {
      json_object_set_array_member (properties, "managementGroupAncestorsChain", ancestors (node));
      json_object_set_string_member (properties, "state", "Enabled");
    }
  json_object_set_object_member (row, "properties", properties);

  return row;
}

static JsonObject *
resource_row (gconstpointer data)
{
  const LwDemoNode *node = data;
  JsonObject *row = new_row (node, node->name);

  set_place (row, node->key);

  return row;
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (**(const char *const *const *) a, **(const char *const *const *) b);
}

/* An item that a row can be made of; its id's key comes first, to sort by. */
typedef struct
{
  const char *key;
  gconstpointer data;
} Item;

static void
add_item (GPtrArray *items, const char *key, gconstpointer data)
{
  Item *item = g_new (Item, 1);

  item->key = key;
  item->data = data;
  g_ptr_array_add (items, item);
}

static gboolean
contains (const char *lower, const char *text)
{
  g_autofree char *folded = g_ascii_strdown (text, -1);

  return strstr (folded, lower) != NULL;
}

static void
collect_nodes (LwDemoCall *self, const Query *query, GPtrArray *items)
{
  g_autofree char *literal = query->literal != NULL ? g_ascii_strdown (query->literal, -1) : NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tenant->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LwDemoNode *node = value;
      LwDemoScope item = { .kind = node->kind, .id = node->id, .key = node->key, .node = node };

      if ((node->kind == LW_DEMO_RESOURCE) != (query->kind != QUERY_SCOPES))
        continue;
      if (query->kind == QUERY_SEARCH && !contains (literal, node->name) &&
          strstr (node->key, literal) == NULL)
        continue;
      if (query->kind == QUERY_BELOW && !g_str_has_prefix (node->key, literal))
        continue;
      for (item.anchor = node; item.anchor->kind > LW_DEMO_SUBSCRIPTION;
           item.anchor = item.anchor->parent)
        ;
      if (in_view (self, query, &item))
        add_item (items, node->key, node);
    }
}

static void
collect_policy (LwDemoCall *self, const Query *query, GPtrArray *items)
{
  GPtrArray *exemptions = self->tenant->exemption_list;
  GPtrArray *assignments = self->tenant->by_kind[LW_DEMO_ASSIGNMENT];

  for (guint i = 0; query->kind == QUERY_EXEMPTIONS && i < exemptions->len; i++)
    {
      LwDemoExemption *exemption = g_ptr_array_index (exemptions, i);

      if (in_view (self, query, exemption->scope))
        add_item (items, exemption->key, exemption);
    }
  for (guint i = 0; query->kind == QUERY_ASSIGNMENTS && i < assignments->len; i++)
    {
      LwDemoPolicy *policy = g_ptr_array_index (assignments, i);

      if (in_view (self, query, policy->scope))
        add_item (items, policy->key, policy);
    }
}

/* What the query is told apart by. */
static char *
rows_key (LwDemoCall *self, const Query *query)
{
  GString *key = g_string_new (NULL);

  g_string_printf (key, "%u %s %u %u %s", self->tenant->serial, self->caller->person->oid,
                   query->kind, query->filter, query->literal != NULL ? query->literal : "");
  for (guint i = 0; i < query->scopes->len; i++)
    g_string_append_printf (key, "\n%s",
                            ((LwDemoScope *) g_ptr_array_index (query->scopes, i))->key);

  return g_string_free (key, FALSE);
}

/* The items of the query in order of id; kept for the next page. (transfer none) */
static GPtrArray *
find_rows (LwDemoCall *self, const Query *query)
{
  LwDemo *demo = self->demo;
  g_autofree char *key = rows_key (self, query);

  if (demo->rows != NULL && g_str_equal (demo->rows_key, key))
    return demo->rows;

  g_clear_pointer (&demo->rows, g_ptr_array_unref);
  g_free (demo->rows_key);
  demo->rows_key = g_steal_pointer (&key);
  demo->rows = g_ptr_array_new_with_free_func (g_free);
  collect_policy (self, query, demo->rows);
  if (query->kind >= QUERY_SCOPES)
    collect_nodes (self, query, demo->rows);
  g_ptr_array_sort (demo->rows, compare_keys);

  return demo->rows;
}

static void
reply_rows (LwDemoCall *self, const Query *query, GPtrArray *items, guint start, guint top)
{
  static JsonObject *(*const makers[]) (
      gconstpointer) = { exemption_row, assignment_row, container_row, resource_row, resource_row };
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *data = json_array_new ();
  guint i;

  for (i = start; i < items->len && i - start < top; i++)
    {
      const Item *item = g_ptr_array_index (items, i);

      json_array_add_object_element (data, makers[query->kind](item->data));
    }
  json_object_set_int_member (answer, "totalRecords", items->len);
  json_object_set_int_member (answer, "count", json_array_get_length (data));
  json_object_set_array_member (answer, "data", data);
  json_object_set_array_member (answer, "facets", json_array_new ());
  json_object_set_string_member (answer, "resultTruncated", "false");
  if (i < items->len)
    {
      g_autofree char *text = g_strdup_printf ("{\"RowsToSkip\": %u}", i);
      g_autofree char *token = g_base64_encode ((const guchar *) text, strlen (text));

      json_object_set_string_member (answer, "$skipToken", token);
    }
  lw_demo_call_reply_object (self, 200, answer);
}

static void
bad_request (LwDemoCall *self, const char *code, const char *text)
{
  g_autofree char *stamp = lw_demo_stamp (g_get_real_time ());
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonObject *error = json_object_new ();
  JsonArray *details = json_array_new ();
  JsonObject *first = json_object_new ();
  JsonObject *second = json_object_new ();
  g_autofree char *message =
      g_strdup_printf ("Please provide below info when asking for support: timestamp = %s, "
                       "correlationId = %s.",
                       stamp, self->request_id);

  json_object_set_string_member (error, "code", "BadRequest");
  json_object_set_string_member (error, "message", message);
  json_object_set_string_member (first, "code", code);
  json_object_set_string_member (first, "message", text);
  json_array_add_object_element (details, first);
  json_object_set_string_member (second, "code", "ParserFailure");
  json_object_set_string_member (second, "message", "ParserFailure");
  json_object_set_int_member (second, "line", 1);
  json_object_set_int_member (second, "characterPositionInLine", 0);
  json_object_set_string_member (second, "token", "<EOF>");
  json_array_add_object_element (details, second);
  json_object_set_array_member (error, "details", details);
  json_object_set_object_member (answer, "error", error);
  lw_demo_call_reply_object (self, 400, answer);
}

static guint
read_skip_token (const char *token)
{
  gsize length;
  g_autofree guchar *data = token != NULL ? g_base64_decode (token, &length) : NULL;
  g_autoptr (JsonObject) object =
      data != NULL ? lw_demo_json_parse ((const char *) data, length, NULL) : NULL;

  return lw_demo_json_int (object, "RowsToSkip", 0);
}

void
lw_demo_resource_graph_handle (LwDemoCall *self)
{
  g_autoptr (JsonObject) body = NULL;
  JsonObject *options;
  const char *text, *format;
  Query query = { 0 };
  gint64 top;

  if (!lw_demo_quota_take_query (self))
    return;
  if (!lw_demo_call_is (self, "POST"))
    {
      lw_demo_call_fail_method (self);
      return;
    }
  body = lw_demo_call_body (self, NULL);
  text = lw_demo_json_string (body, "query");
  options = lw_demo_json_object (body, "options");
  format = lw_demo_json_string (options, "resultFormat");
  query.scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_demo_scope_free);
  if (text == NULL || !parse_query (text, &query))
    bad_request (self, "InvalidQuery",
                 "Query is invalid. Please refer to the documentation for the Azure Resource Graph "
                 "service and fix the error before retrying.");
  else if (format != NULL && g_ascii_strcasecmp (format, "objectArray") != 0)
    bad_request (self, "InvalidFormat", "Only the result format objectArray is served.");
  else
    {
      parse_scopes (self, body, &query);
      top = CLAMP (lw_demo_json_int (options, "$top", 1000), 1, 1000);
      reply_rows (self, &query, find_rows (self, &query),
                  lw_demo_json_string (options, "$skipToken") != NULL
                      ? read_skip_token (lw_demo_json_string (options, "$skipToken"))
                      : (guint) MAX (lw_demo_json_int (options, "$skip", 0), 0),
                  top);
    }
  query_clear (&query);
}
