/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Microsoft Graph: me, people search, a person, a manager. */

#include "lw-demo-call.h"

#include "lw-demo-json.h"

#include <string.h>

static void
fail (LwDemoCall *self, guint status, const char *code, const char *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");
  JsonObject *error = json_object_new ();
  JsonObject *inner = json_object_new ();
  const char *client = lw_demo_call_header (self, "client-request-id");

  json_object_set_string_member (error, "code", code);
  json_object_set_string_member (error, "message", message);
  json_object_set_string_member (inner, "date", date);
  json_object_set_string_member (inner, "request-id", self->request_id);
  json_object_set_string_member (inner, "client-request-id",
                                 client != NULL ? client : self->request_id);
  json_object_set_object_member (error, "innerError", inner);
  json_object_set_object_member (object, "error", error);
  lw_demo_call_set_header (self, "request-id", self->request_id);
  lw_demo_call_reply (self, status, "application/json", lw_demo_json_object_text (object));
}

static gboolean
has_scope (LwDemoCall *self, const char *const *wanted)
{
  if (self->caller->any_audience || self->caller->application)
    return TRUE;
  for (guint i = 0; self->caller->scopes[i] != NULL; i++)
    if (g_strv_contains (wanted, self->caller->scopes[i]))
      return TRUE;
  fail (self, 403, "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.");

  return FALSE;
}

static JsonObject *
person_json (LwDemoCall *self, LwDemoPerson *person)
{
  static const char *const members[] = { "jobTitle",  "department", "mail", "officeLocation",
                                         "givenName", "surname",    NULL };
  JsonObject *object = json_object_new ();
  const char *select = lw_demo_call_query (self, "$select");

  for (guint i = 0; members[i] != NULL; i++)
    {
      const char *text = lw_demo_json_string (person->json, members[i]);

      if (text == NULL && g_str_equal (members[i], "mail"))
        text = person->upn;
      if (text != NULL)
        json_object_set_string_member (object, members[i], text);
      else
        json_object_set_null_member (object, members[i]);
    }
  json_object_set_string_member (object, "displayName", person->name);
  json_object_set_string_member (object, "userPrincipalName", person->upn);
  json_object_set_string_member (object, "id", person->oid);
  if (select != NULL)
    {
      g_auto (GStrv) wanted = g_strsplit (select, ",", -1);
      g_autoptr (GList) names = NULL;

      for (guint i = 0; wanted[i] != NULL; i++)
        {
          g_strstrip (wanted[i]);
          if (g_str_equal (wanted[i], "accountEnabled"))
            json_object_set_boolean_member (
                object, "accountEnabled", lw_demo_json_bool (person->json, "accountEnabled", TRUE));
        }
      names = json_object_get_members (object);
      for (GList *l = names; l != NULL; l = l->next)
        if (!g_strv_contains ((const char *const *) wanted, l->data))
          json_object_remove_member (object, l->data);
    }

  return object;
}

static const char *
attribute (LwDemoPerson *person, const char *name)
{
  if (g_ascii_strcasecmp (name, "displayName") == 0)
    return person->name;
  if (g_ascii_strcasecmp (name, "userPrincipalName") == 0)
    return person->upn;
  if (g_ascii_strcasecmp (name, "mail") == 0)
    {
      const char *mail = lw_demo_json_string (person->json, "mail");

      return mail != NULL ? mail : person->upn;
    }

  return lw_demo_json_string (person->json, name);
}

static gboolean
starts_with (const char *text, const char *prefix)
{
  g_autofree char *a = text != NULL ? g_utf8_casefold (text, -1) : NULL;
  g_autofree char *b = g_utf8_casefold (prefix, -1);

  return a != NULL && g_str_has_prefix (a, b);
}

/* A displayName matches by any of its words, anything else by its beginning. */
static gboolean
matches_term (LwDemoPerson *person, const char *name, const char *text)
{
  const char *value = attribute (person, name);
  g_auto (GStrv) words = NULL;

  if (value == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (name, "displayName") != 0)
    return starts_with (value, text);

  words = g_str_tokenize_and_fold (text, NULL, NULL);
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) ascii = NULL;
      g_auto (GStrv) held = g_str_tokenize_and_fold (value, NULL, &ascii);
      gboolean found = FALSE;

      for (guint j = 0; held[j] != NULL; j++)
        found |= g_str_has_prefix (held[j], words[i]);
      for (guint j = 0; ascii[j] != NULL; j++)
        found |= g_str_has_prefix (ascii[j], words[i]);
      if (!found)
        return FALSE;
    }

  return words[0] != NULL;
}

typedef struct
{
  char *name;
  char *text;
} Term;

static void
term_clear (gpointer data)
{
  Term *term = data;

  g_free (term->name);
  g_free (term->text);
}

/* "\"displayName:ann\" OR \"mail:ann\"" or "startswith(displayName,'ann') or …". */
static GArray *
parse_terms (const char *text, gboolean search)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, TRUE, sizeof (Term));
  g_autoptr (GRegex) regex = g_regex_new (
      search ? "\\G\\s*\"(\\w+):((?:[^\"\\\\]|\\\\.)*)\"\\s*(?:OR|$)"
             : "\\G\\s*startswith\\(\\s*(\\w+)\\s*,\\s*'((?:[^']|'')*)'\\s*\\)\\s*(?:or\\b|$)",
      search ? 0 : G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int end = 0;

  g_array_set_clear_func (terms, term_clear);
  g_regex_match (regex, text, 0, &match);
  while (g_match_info_matches (match))
    {
      g_autofree char *raw = g_match_info_fetch (match, 2);
      g_auto (GStrv) parts = search ? NULL : g_strsplit (raw, "''", -1);
      Term term = { g_match_info_fetch (match, 1),
                    search ? g_strcompress (raw) : g_strjoinv ("'", parts) };

      g_array_append_val (terms, term);
      g_match_info_fetch_pos (match, 0, NULL, &end);
      g_match_info_next (match, NULL);
    }

  return terms->len > 0 && end == (int) strlen (text) ? g_steal_pointer (&terms) : NULL;
}

static gboolean
matches_any (LwDemoPerson *person, GArray *terms, gboolean search)
{
  for (guint i = 0; terms != NULL && i < terms->len; i++)
    {
      const Term *term = &g_array_index (terms, Term, i);
      const char *value = attribute (person, term->name);

      if (search ? matches_term (person, term->name, term->text) : starts_with (value, term->text))
        return TRUE;
    }

  return terms == NULL;
}

static void
users (LwDemoCall *self)
{
  const char *search = lw_demo_call_query (self, "$search");
  const char *filter = lw_demo_call_query (self, "$filter");
  const char *level = lw_demo_call_header (self, "ConsistencyLevel");
  guint top = CLAMP (lw_demo_call_query_uint (self, "$top", 100), 1, 999);
  guint start = lw_demo_call_query_uint (self, "$skiptoken", 0);
  g_autoptr (GArray) terms = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autofree char *context = g_strconcat (self->base, "/graph/v1.0/$metadata#users", NULL);
  JsonArray *value;
  guint seen = 0;
  gboolean more = FALSE;

  if (search != NULL && (level == NULL || g_ascii_strcasecmp (level, "eventual") != 0))
    {
      fail (
          self, 400, "Request_UnsupportedQuery",
          "Request with $search query parameter only works through MSGraph with a special request "
          "header: 'ConsistencyLevel: eventual'");
      return;
    }
  if (search != NULL || filter != NULL)
    terms = parse_terms (search != NULL ? search : filter, search != NULL);
  if ((search != NULL || filter != NULL) && terms == NULL)
    {
      fail (self, 400, "BadRequest",
            search != NULL ? "Syntax error: $search must be of the form '\"property:text\"'."
                           : "Invalid filter clause: unsupported or malformed $filter.");
      return;
    }

  value = json_array_new ();
  for (guint i = 0; i < self->tenant->people->len && !more; i++)
    {
      LwDemoPerson *person = g_ptr_array_index (self->tenant->people, i);

      if (person->app_id != NULL || !matches_any (person, terms, search != NULL))
        continue;
      if (seen >= start + top)
        more = TRUE;
      else if (seen >= start)
        json_array_add_object_element (value, person_json (self, person));
      seen++;
    }
  json_object_set_string_member (answer, "@odata.context", context);
  if (more)
    {
      GString *link = g_string_new (NULL);
      g_autofree char *text = NULL;

      g_string_printf (link, "%s/graph/v1.0/users?$top=%u&$skiptoken=%u", self->base, top,
                       start + top);
      for (guint i = 0; i < 3; i++)
        {
          const char *name = ((const char *const[]) { "$search", "$filter", "$select" })[i];
          const char *given = lw_demo_call_query (self, name);
          g_autofree char *escaped =
              given != NULL ? g_uri_escape_string (given, NULL, FALSE) : NULL;

          if (escaped != NULL)
            g_string_append_printf (link, "&%s=%s", name, escaped);
        }
      text = g_string_free (link, FALSE);
      json_object_set_string_member (answer, "@odata.nextLink", text);
    }
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}

static void
reply_person (LwDemoCall *self, LwDemoPerson *person, const char *who)
{
  g_autofree char *message = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *context = g_strconcat (self->base, "/graph/v1.0/$metadata#users/$entity", NULL);

  if (person == NULL || person->app_id != NULL)
    {
      message = g_strdup_printf ("Resource '%s' does not exist or one of its queried "
                                 "reference-property objects are not present.",
                                 who);
      fail (self, 404, "Request_ResourceNotFound", message);
      return;
    }
  object = person_json (self, person);
  json_object_set_string_member (object, "@odata.context", context);
  lw_demo_call_reply_object (self, 200, object);
}

static void
reply_manager (LwDemoCall *self, LwDemoPerson *person)
{
  reply_person (self,
                person != NULL && person->manager != NULL
                    ? lw_demo_tenant_find_person (self->tenant, person->manager)
                    : NULL,
                "manager");
}

/* POST {groupIds:[…]}: which of them the signed-in person is in. */
static void
member_groups (LwDemoCall *self)
{
  g_autoptr (JsonObject) body = lw_demo_call_body (self, NULL);
  JsonArray *asked = lw_demo_json_array (body, "groupIds");
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *value = json_array_new ();

  for (guint i = 0; asked != NULL && i < json_array_get_length (asked); i++)
    {
      const char *id = lw_demo_json_string_at (asked, i);

      if (id != NULL && lw_demo_person_in_group (self->caller->person, id))
        json_array_add_string_element (value, id);
    }
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}

void
lw_demo_graph_handle (LwDemoCall *self)
{
  static const char *const basic[] = { "User.Read", "User.ReadBasic.All", "User.Read.All",
                                       "Directory.Read.All", NULL };
  static const char *const everyone[] = { "User.ReadBasic.All", "User.Read.All",
                                          "Directory.Read.All", "People.Read.All", NULL };
  static const char *const full[] = { "User.Read.All", "Directory.Read.All", NULL };
  guint at = lw_demo_call_path_is (self, 0, "graph") ? 1 : 0;
  guint n = self->n_path - at;
  g_autofree char *problem = NULL;
  const char *who = n > 2 ? self->path[at + 2] : "";
  LwDemoPerson *me;

  if (!lw_demo_call_authenticate (self, LW_DEMO_AUDIENCE_GRAPH, &problem))
    {
      lw_demo_call_set_header (self, "WWW-Authenticate",
                               "Bearer realm=\"\", error=\"invalid_token\"");
      fail (self, 401, "InvalidAuthenticationToken", problem);
      return;
    }
  me = self->caller->person;
  if (!lw_demo_call_path_is (self, at, "v1.0") || n < 2)
    fail (self, 404, "BadRequest", "Invalid version or resource.");
  else if (lw_demo_call_path_is (self, at + 1, "me") && self->caller->application)
    fail (self, 400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  else if (lw_demo_call_path_is (self, at + 1, "me") && n == 2)
    {
      if (has_scope (self, basic))
        reply_person (self, me, "me");
    }
  else if (lw_demo_call_path_is (self, at + 1, "me") &&
           lw_demo_call_path_is (self, at + 2, "manager"))
    {
      if (has_scope (self, full))
        reply_manager (self, me);
    }
  else if (lw_demo_call_path_is (self, at + 1, "me") &&
           lw_demo_call_path_is (self, at + 2, "checkMemberGroups") &&
           lw_demo_call_is (self, "POST"))
    member_groups (self);
  else if (lw_demo_call_path_is (self, at + 1, "users") && n == 2)
    {
      if (has_scope (self, everyone))
        users (self);
    }
  else if (lw_demo_call_path_is (self, at + 1, "users") && n == 3)
    {
      if (has_scope (self, everyone))
        reply_person (self, lw_demo_tenant_find_person (self->tenant, who), who);
    }
  else if (lw_demo_call_path_is (self, at + 1, "users") && n == 4 &&
           lw_demo_call_path_is (self, at + 3, "manager"))
    {
      if (has_scope (self, full))
        reply_manager (self, lw_demo_tenant_find_person (self->tenant, who));
    }
  else
    fail (self, 404, "BadRequest", "Resource not found for the segment.");
}
