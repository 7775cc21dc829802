/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules: read, matched, counted. */

#include "lw-demo-faults.h"

#include "lw-demo-json.h"

#include <string.h>

#define MAX_FILE  (1024 * 1024)
#define MAX_RULES 1000

struct _LwDemoFaults
{
  GPtrArray *rules; /* (element-type LwDemoFault) */
  guint requests;
  guint connections;
  GHashTable *writes; /* "PUT /path" → times */
  void (*changed) (gpointer);
  gpointer changed_data;
};

/* Which there are */

static void
strike_expire (LwDemoCall *call, const LwDemoFault *fault)
{
  call->demo->tokens_ended = call->demo->tokens_issued;
}

static const LwDemoFaultKind own_kinds[] = {
  { "refuse", LW_DEMO_FAULT_STATE, "seconds", NULL, NULL,
    "the port is closed (for so many \"seconds\", else as long as the rule is there)" },
  { "clock", LW_DEMO_FAULT_STATE, "seconds", "seconds", NULL,
    "the clock is so many \"seconds\" ahead, or behind: Date, tokens, their check" },
  { "certificate", LW_DEMO_FAULT_CONNECTION, "certificate key", "certificate key", NULL,
    "the connection is met with this \"certificate\" and \"key\" (PEM files)" },
  { "expire", LW_DEMO_FAULT_BEFORE, "", NULL, strike_expire,
    "the access tokens issued so far are good no longer" },
  { 0 },
};

static const LwDemoFaultKind *const all_kinds[] = {
  own_kinds,
  lw_demo_fault_wire_kinds,
  lw_demo_fault_answer_kinds,
};

static const LwDemoFaultKind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_kinds); i++)
    for (const LwDemoFaultKind *kind = all_kinds[i]; kind->name != NULL; kind++)
      if (g_str_equal (kind->name, name))
        return kind;

  return NULL;
}

char *
lw_demo_faults_help (void)
{
  GString *text = g_string_new (
      "Faults (--faults FILE): {\"faults\": [{\"do\": KIND, …}]}. Members of all: \"method\"; "
      "\"path\" with\n* and ?, any case; \"from\", the first that is struck (1); \"times\", how "
      "many "
      "(1; 0 for all).\nKinds:\n");

  for (guint i = 0; i < G_N_ELEMENTS (all_kinds); i++)
    for (const LwDemoFaultKind *kind = all_kinds[i]; kind->name != NULL; kind++)
      g_string_append_printf (text, "  %-17s%s%s%s%s\n", kind->name, kind->help,
                              *kind->members != '\0' ? " (" : "", kind->members,
                              *kind->members != '\0' ? ")" : "");

  return g_string_free (text, FALSE);
}

/* Reading */

static void
fault_free (gpointer data)
{
  LwDemoFault *self = data;

  g_free (self->method);
  g_clear_pointer (&self->path, g_pattern_spec_free);
  g_free (self->type);
  g_free (self->body);
  g_clear_pointer (&self->headers, json_object_unref);
  g_free (self->url);
  g_free (self->claims);
  g_free (self->retry_after);
  g_clear_object (&self->certificate);
  g_free (self);
}

static gboolean
is_listed (const char *list, const char *name)
{
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", " ", -1);

  return *name != '\0' && g_strv_contains ((const char *const *) names, name);
}

/* What each member must be: 's' text, 'i' a whole number, 'b' true or false, 'o' an object of texts. */
static const struct
{
  const char *name;
  char type;
} members[] = {
  { "do", 's' },          { "method", 's' }, { "path", 's' },    { "from", 'i' },
  { "times", 'i' },       { "status", 'i' }, { "type", 's' },    { "body", 's' },
  { "headers", 'o' },     { "url", 's' },    { "claims", 's' },  { "retry-after", 's' },
  { "seconds", 'i' },     { "bytes", 'i' },  { "chunked", 'b' }, { "key", 's' },
  { "certificate", 's' },
};

static gboolean
is_object_of_texts (JsonNode *node)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    if (json_node_get_value_type (value) != G_TYPE_STRING)
      return FALSE;

  return TRUE;
}

static gboolean
has_type (JsonNode *node, char type)
{
  if (type == 'o')
    return is_object_of_texts (node);
  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;

  return json_node_get_value_type (node) == (type == 's'   ? G_TYPE_STRING
                                             : type == 'i' ? G_TYPE_INT64
                                                           : G_TYPE_BOOLEAN);
}

static gboolean
check_member (const LwDemoFaultKind *kind, const char *name, JsonNode *node, GError **error)
{
  const char *common = kind->phase == LW_DEMO_FAULT_STATE        ? "do"
                       : kind->phase == LW_DEMO_FAULT_CONNECTION ? "do from times"
                                                                 : "do method path from times";

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (!g_str_equal (members[i].name, name) ||
          (!is_listed (common, name) && !is_listed (kind->members, name)))
        continue;
      if (has_type (node, members[i].type))
        return TRUE;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s” must be %s", name,
                   members[i].type == 's'   ? "a text"
                   : members[i].type == 'i' ? "a whole number"
                   : members[i].type == 'b' ? "true or false"
                                            : "an object of texts");
      return FALSE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s” has no member “%s”", kind->name,
               name);

  return FALSE;
}

static const LwDemoFaultKind *
check_rule (JsonObject *object, GError **error)
{
  const char *name = lw_demo_json_string (object, "do");
  const LwDemoFaultKind *kind = name != NULL ? find_kind (name) : NULL;
  g_auto (GStrv) needed = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (kind == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "“do” must name a fault (see --help-faults), not “%s”",
                   name != NULL ? name : "");
      return NULL;
    }
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node))
    if (!check_member (kind, member, node, error))
      return NULL;
  needed = g_strsplit (kind->needed != NULL ? kind->needed : "", " ", -1);
  for (guint i = 0; needed[i] != NULL && *needed[i] != '\0'; i++)
    if (!json_object_has_member (object, needed[i]))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s” needs “%s”", kind->name,
                     needed[i]);
        return NULL;
      }

  return kind;
}

static gboolean
read_number (JsonObject *object, const char *name, guint fallback, guint *value, GError **error)
{
  gint64 number = lw_demo_json_int (object, name, fallback);

  *value = (guint) CLAMP (number, 0, G_MAXINT);
  if (number >= 0 && number <= G_MAXINT)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "“%s” is out of range", name);

  return FALSE;
}

static gboolean
read_certificate (LwDemoFault *fault, JsonObject *object, GError **error)
{
  const char *certificate = lw_demo_json_string (object, "certificate");

  if (certificate == NULL)
    return TRUE;
  fault->certificate =
      g_tls_certificate_new_from_files (certificate, lw_demo_json_string (object, "key"), error);

  return fault->certificate != NULL;
}

static LwDemoFault *
fault_new (JsonObject *object, GError **error)
{
  const LwDemoFaultKind *kind = check_rule (object, error);
  const char *path = lw_demo_json_string (object, "path");
  LwDemoFault *self;

  if (kind == NULL)
    return NULL;
  self = g_new0 (LwDemoFault, 1);
  self->kind = kind;
  self->method = g_strdup (lw_demo_json_string (object, "method"));
  if (path != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (path, -1);

      self->path = g_pattern_spec_new (lower);
    }
  self->type = g_strdup (lw_demo_json_string (object, "type"));
  self->body = g_strdup (lw_demo_json_string (object, "body"));
  self->url = g_strdup (lw_demo_json_string (object, "url"));
  self->claims = g_strdup (lw_demo_json_string (object, "claims"));
  self->retry_after = g_strdup (lw_demo_json_string (object, "retry-after"));
  self->seconds = CLAMP (lw_demo_json_int (object, "seconds", 0), -G_MAXINT, G_MAXINT);
  self->bytes = CLAMP (lw_demo_json_int (object, "bytes", 100 << 20), 0, G_MAXINT);
  self->chunked = lw_demo_json_bool (object, "chunked", FALSE);
  if (lw_demo_json_object (object, "headers") != NULL)
    self->headers = lw_demo_json_copy_object (lw_demo_json_object (object, "headers"));
  if (read_number (object, "from", 1, &self->from, error) &&
      read_number (object, "times", 1, &self->times, error) &&
      read_number (object, "status", 0, &self->status, error) &&
      read_certificate (self, object, error))
    {
      if (self->from > 0 && (self->status == 0 || (self->status >= 200 && self->status <= 599)))
        return self;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "“from” counts from 1, and “status” is from 200 to 599");
    }
  fault_free (self);

  return NULL;
}

gboolean
lw_demo_faults_read (LwDemoFaults *self, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (fault_free);
  JsonArray *array = lw_demo_json_array (object, "faults");

  if (array == NULL || json_object_get_size (object) != 1 ||
      json_array_get_length (array) > MAX_RULES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "{\"faults\": […]} was expected, with at most %d of them", MAX_RULES);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr (JsonObject) nothing = json_object_new ();
      JsonObject *rule = lw_demo_json_object_at (array, i);
      LwDemoFault *fault = fault_new (rule != NULL ? rule : nothing, error);

      if (fault == NULL)
        {
          g_prefix_error (error, "fault %u: ", i + 1);
          return FALSE;
        }
      g_ptr_array_add (rules, fault);
    }
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  self->rules = g_steal_pointer (&rules);
  self->requests = self->connections = 0;
  g_hash_table_remove_all (self->writes);
  if (self->changed != NULL)
    self->changed (self->changed_data);

  return TRUE;
}

gboolean
lw_demo_faults_load (LwDemoFaults *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return FALSE;
  if (length <= MAX_FILE)
    object = lw_demo_json_parse (text, length, error);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "larger than 1 MiB");
  if (object != NULL && lw_demo_faults_read (self, object, error))
    return TRUE;
  g_prefix_error (error, "“%s”: ", path);

  return FALSE;
}

LwDemoFaults *
lw_demo_faults_new (void)
{
  LwDemoFaults *self = g_new0 (LwDemoFaults, 1);

  self->rules = g_ptr_array_new_with_free_func (fault_free);
  self->writes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
lw_demo_faults_free (LwDemoFaults *self)
{
  g_ptr_array_unref (self->rules);
  g_hash_table_unref (self->writes);
  g_free (self);
}

void
lw_demo_faults_set_changed (LwDemoFaults *self, void (*changed) (gpointer), gpointer data)
{
  self->changed = changed;
  self->changed_data = data;
}

/* Striking */

/* Counts one that matched; whether it is struck. */
static gboolean
falls_due (LwDemoFault *fault)
{
  fault->seen++;
  if (fault->seen < fault->from || (fault->times > 0 && fault->seen - fault->from >= fault->times))
    return FALSE;
  fault->hits++;

  return TRUE;
}

static gboolean
matches (const LwDemoFault *fault, const LwDemoCall *call, const char *lower_path)
{
  if (fault->method != NULL && g_ascii_strcasecmp (fault->method, call->method) != 0)
    return FALSE;

  return fault->path == NULL || g_pattern_spec_match_string (fault->path, lower_path);
}

/* The last of those that fall due wins; each counts what it sees. */
static const LwDemoFault *
strike (LwDemoFaults *self, LwDemoCall *call, LwDemoFaultPhase phase)
{
  g_autofree char *path = lw_demo_call_path (call, call->n_path);
  g_autofree char *lower = g_ascii_strdown (path, -1);
  const LwDemoFault *struck = NULL;

  for (guint i = 0; i < self->rules->len; i++)
    {
      LwDemoFault *fault = g_ptr_array_index (self->rules, i);

      if (fault->kind->phase == phase && matches (fault, call, lower) && falls_due (fault))
        struck = fault;
    }
  if (struck != NULL)
    struck->kind->strike (call, struck);

  return struck;
}

gboolean
lw_demo_faults_before (LwDemoFaults *self, LwDemoCall *call)
{
  const LwDemoFault *clock = lw_demo_faults_state (self, "clock");
  const LwDemoFault *struck;

  self->requests++;
  if (clock != NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr (GDateTime) told = g_date_time_add_seconds (now, (double) clock->seconds);
      g_autofree char *date = soup_date_time_to_string (told, SOUP_DATE_HTTP);

      lw_demo_call_set_header (call, "Date", date);
    }
  struck = strike (self, call, LW_DEMO_FAULT_BEFORE);

  return struck != NULL && struck->kind->strike != strike_expire;
}

void
lw_demo_faults_after (LwDemoFaults *self, LwDemoCall *call)
{
  guint status = soup_server_message_get_status (call->message);
  gboolean changes = !lw_demo_call_is (call, "GET") && !lw_demo_call_is (call, "HEAD") &&
                     !lw_demo_call_is (call, "POST");

  if (changes && status >= 200 && status < 300)
    {
      g_autofree char *path = lw_demo_call_path (call, call->n_path);
      char *key = g_strdup_printf ("%s %s", call->method, path);
      guint times = GPOINTER_TO_UINT (g_hash_table_lookup (self->writes, key));

      g_hash_table_replace (self->writes, key, GUINT_TO_POINTER (times + 1));
    }
  strike (self, call, LW_DEMO_FAULT_AFTER);
}

const LwDemoFault *
lw_demo_faults_connection (LwDemoFaults *self)
{
  const LwDemoFault *struck = NULL;

  self->connections++;
  for (guint i = 0; i < self->rules->len; i++)
    {
      LwDemoFault *fault = g_ptr_array_index (self->rules, i);

      if (fault->kind->phase == LW_DEMO_FAULT_CONNECTION && falls_due (fault))
        struck = fault;
    }

  return struck;
}

const LwDemoFault *
lw_demo_faults_state (LwDemoFaults *self, const char *name)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      const LwDemoFault *fault = g_ptr_array_index (self->rules, i);

      if (fault->kind->phase == LW_DEMO_FAULT_STATE && g_str_equal (fault->kind->name, name))
        return fault;
    }

  return NULL;
}

JsonObject *
lw_demo_faults_stats (LwDemoFaults *self)
{
  JsonObject *object = json_object_new ();
  JsonObject *writes = json_object_new ();
  JsonArray *hits = json_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->writes);
  while (g_hash_table_iter_next (&iter, &key, &value))
    json_object_set_int_member (writes, key, GPOINTER_TO_UINT (value));
  for (guint i = 0; i < self->rules->len; i++)
    {
      const LwDemoFault *fault = g_ptr_array_index (self->rules, i);

      json_array_add_int_element (hits, fault->hits);
    }
  json_object_set_int_member (object, "requests", self->requests);
  json_object_set_int_member (object, "connections", self->connections);
  json_object_set_array_member (object, "hits", hits);
  json_object_set_object_member (object, "writes", writes);

  return object;
}
