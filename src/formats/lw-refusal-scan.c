/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a cleaned text once, from its first byte to its last. It looks for members of JSON by their names
 * and not by the structure around them, as what is pasted is often cut, quoted wrongly or broken into lines. A
 * quote with n backslashes before it ends at the next one with n or fewer; what lies within is read too. */

#include "lw-refusal-private.h"

#include <string.h>

#define MAX_KEY     40
#define MAX_VALUE   1024
#define MAX_ID      2048
#define MAX_MESSAGE 4096

typedef struct
{
  LwRefusalBuilder *builder;
  const char *start;
  const char *end;
  const char *at;
  LwRefusedField list_id;      /* what "id" and "name" are of, in a list of policy identifiers */
  LwRefusedField list_name;    /* LW_REFUSED_N_FIELDS for nothing */
  char object_of[MAX_KEY + 1]; /* the member whose object was opened last */
  char path[64];               /* of the evaluated expression */
  char *failed_name;           /* "Resource TYPE 'NAME' failed" */
  char *failed_type;
} Scanner;

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\n' || c == '\t';
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static const char *
skip_space (Scanner *self, const char *at)
{
  while (at < self->end && is_space (*at))
    at++;
  return at;
}

/* --- words ------------------------------------------------------------------------------------------- */

/* Whether @words stand at @at, white space (of which there may be any, or none) apart: terminals break
 * lines between words and within them. Answers where they end. */
static const char *
match (Scanner *self, const char *at, const char *words)
{
  while (*words != '\0')
    {
      while (at < self->end && is_space (*at) && *at != *words)
        at++;
      if (*words == ' ')
        {
          words++;
          continue;
        }
      if (at >= self->end || g_ascii_tolower (*at) != g_ascii_tolower (*words))
        return NULL;
      at++;
      words++;
    }
  return at;
}

/* --- values ------------------------------------------------------------------------------------------ */

typedef struct
{
  GString *text;
  const char *after; /* behind the closing quote */
  gboolean cut;      /* it did not end */
} Value;

static void
value_clear (Value *value)
{
  if (value->text != NULL)
    g_string_free (value->text, TRUE);
  value->text = NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Value, value_clear)

static void
append_break (GString *out, gboolean is_text)
{
  if (is_text && out->len > 0 && out->str[out->len - 1] != ' ')
    g_string_append_c (out, ' ');
}

/* How many characters stand between @at and the line break before or after it; at most 400. */
static gsize
line_length (Scanner *self, const char *at, int step)
{
  gsize n = 0;

  for (at += step; at >= self->start && at < self->end && *at != '\n' && n < 400; at += step)
    n += ((guchar) *at & 0xc0) != 0x80;
  return n;
}

/* Whether the line that ends at @at was cut because the terminal ends there, within a word maybe: another
 * beside it is as long. */
static gboolean
is_hard_break (Scanner *self, const char *at)
{
  gsize length = line_length (self, at, -1);
  const char *before = at - 1;

  if (length < 40 || length >= 400)
    return FALSE;
  if (line_length (self, at, 1) == length)
    return TRUE;
  while (before > self->start && *before != '\n')
    before--;
  return *before == '\n' && line_length (self, before, -1) == length;
}

/* The value whose opening quote is at @quote, with @level backslashes before it. Line breaks within are a
 * blank in text, and nothing in ids. */
static void
read_quoted (Scanner *self,
             const char *quote,
             guint level,
             gsize limit,
             gboolean is_text,
             Value *value)
{
  const char *at = quote + 1;
  const char *stop = (gsize) (self->end - at) > limit ? at + limit : self->end;
  guint slashes = 0;

  value->text = g_string_new (NULL);
  value->cut = TRUE;
  while (at < stop)
    {
      if (*at == '\\')
        {
          slashes++;
          at++;
          continue;
        }
      if (*at == *quote && (*quote == '\'' || slashes <= level))
        {
          value->cut = FALSE;
          at++;
          break;
        }
      slashes = 0;
      if (*at == '\n' && is_text && is_hard_break (self, at))
        {
          at++;
          continue;
        }
      if (*at == '\n')
        {
          at = skip_space (self, at);
          append_break (value->text, is_text);
          continue;
        }
      g_string_append_c (value->text, *at++);
    }
  value->after = at;
  g_strstrip (value->text->str);
  g_string_truncate (value->text, strlen (value->text->str));
  if (g_str_has_suffix (value->text->str, "…") || g_str_has_suffix (value->text->str, "..."))
    value->cut = TRUE;
}

/* The rest of the line, or up to a comma. */
static void
read_bare (Scanner *self, const char *at, Value *value)
{
  const char *stop = (gsize) (self->end - at) > MAX_VALUE ? at + MAX_VALUE : self->end;
  const char *from = at;

  while (at < stop && *at != '\n' && !(*at == ',' && at + 1 < stop && at[1] == ' '))
    at++;
  value->text = g_string_new_len (from, at - from);
  value->after = at;
  value->cut = FALSE;
  g_strstrip (value->text->str);
  g_string_truncate (value->text, strlen (value->text->str));
  if (g_str_has_suffix (value->text->str, ")") && strchr (value->text->str, '(') == NULL)
    g_string_truncate (value->text, value->text->len - 1);
}

/* --- ids ----------------------------------------------------------------------------------------------- */

/* An id that was cut: of what is left, only where it lies can be trusted. */
static void
emit_cut (Scanner *self, char *text)
{
  g_autofree char *id = NULL;
  char *slash = strrchr (text, '/');

  lw_refusal_builder_truncated (self->builder);
  if (slash == NULL)
    return;
  *slash = '\0';
  if (lw_refusal_id (text, &id) != LW_REFUSAL_ID_NONE)
    lw_refusal_builder_id (self->builder, LW_REFUSAL_ID_CONTEXT, id);
}

static gboolean
is_id_char (char c)
{
  return (guchar) c >= 0x80 || g_ascii_isalnum (c) || strchr ("/-._()~@%$!+=:", c) != NULL;
}

/* "/subscriptions/…" and "/providers/…". Answers whether it moved on. */
static gboolean
scan_id (Scanner *self)
{
  g_autofree char *id = NULL;
  g_auto (Value) value = { 0 };
  char before = self->at > self->start ? self->at[-1] : ' ';
  gboolean subscription = g_ascii_strncasecmp (self->at, "/subscriptions/", 15) == 0;
  LwRefusalIdKind kind;

  if (!subscription && (g_ascii_strncasecmp (self->at, "/providers/Microsoft.", 21) != 0 ||
                        is_word (before) || strchr ("}*>-.…", before) != NULL))
    return FALSE;
  if (before == '"' || before == '\'' || before == '`')
    {
      guint level = 0;

      for (const char *p = self->at - 2; p >= self->start && *p == '\\' && level < 4096; p--)
        level++;
      read_quoted (self, self->at - 1, level, MAX_ID, FALSE, &value);
      if (value.cut)
        {
          emit_cut (self, value.text->str);
          self->at = value.after;
          return TRUE;
        }
    }
  else
    {
      const char *stop = (gsize) (self->end - self->at) > MAX_ID ? self->at + MAX_ID : self->end;
      const char *at = self->at;

      while (at < stop && is_id_char (*at))
        at++;
      value.text = g_string_new_len (self->at, at - self->at);
      value.after = at;
      value.cut =
          g_str_has_suffix (value.text->str, "…") || g_str_has_suffix (value.text->str, "...");
      if (value.cut)
        {
          emit_cut (self, value.text->str);
          self->at = at;
          return TRUE;
        }
      while (value.text->len > 0 && strchr (".:!=", value.text->str[value.text->len - 1]) != NULL)
        g_string_truncate (value.text, value.text->len - 1);
      if (g_str_has_suffix (value.text->str, ")") && strchr (value.text->str, '(') == NULL)
        g_string_truncate (value.text, value.text->len - 1);
    }
  kind = lw_refusal_id (value.text->str, &id);
  if (kind != LW_REFUSAL_ID_NONE)
    lw_refusal_builder_id (self->builder, kind, id);
  self->at = MAX (value.after, self->at + 1);
  return TRUE;
}

/* --- members of JSON ----------------------------------------------------------------------------------- */

typedef enum
{
  KEY_POLICY, /* a field of a policy */
  KEY_LIST,   /* opens {"name", "id"} of one */
  KEY_ID,
  KEY_NAME,
  KEY_VALUE,
  KEY_CODE,
  KEY_TARGET,
  KEY_MESSAGE,
  KEY_RESOURCE,
  KEY_TYPE,
  KEY_LOCATION,
  KEY_LOCATION_MAYBE,
  KEY_GROUP,
  KEY_SUBSCRIPTION,
  KEY_OPERATION,
  KEY_PATH,
  KEY_EXPRESSION,
} KeyKind;

typedef struct
{
  const char *name;
  KeyKind kind;
  LwRefusedField field;
  gboolean bare; /* also without quotes, as in "Code: …" */
} Key;

static const Key keys[] = {
  { "policyAssignment", KEY_LIST, LW_REFUSED_ASSIGNMENT, FALSE },
  { "policyDefinition", KEY_LIST, LW_REFUSED_DEFINITION, FALSE },
  { "policySetDefinition", KEY_LIST, LW_REFUSED_SET, FALSE },
  { "policyAssignmentId", KEY_POLICY, LW_REFUSED_ASSIGNMENT, TRUE },
  { "policyAssignmentDisplayName", KEY_POLICY, LW_REFUSED_ASSIGNMENT_NAME, TRUE },
  { "policyDefinitionId", KEY_POLICY, LW_REFUSED_DEFINITION, TRUE },
  { "policyDefinitionDisplayName", KEY_POLICY, LW_REFUSED_DEFINITION_NAME, TRUE },
  { "policySetDefinitionId", KEY_POLICY, LW_REFUSED_SET, TRUE },
  { "policySetDefinitionDisplayName", KEY_POLICY, LW_REFUSED_SET_NAME, TRUE },
  { "policyDefinitionReferenceId", KEY_POLICY, LW_REFUSED_REFERENCE, TRUE },
  { "policyDefinitionEffect", KEY_POLICY, LW_REFUSED_EFFECT, TRUE },
  { "id", KEY_ID, 0, FALSE },
  { "name", KEY_NAME, 0, FALSE },
  { "value", KEY_VALUE, 0, FALSE },
  { "code", KEY_CODE, 0, TRUE },
  { "errorCode", KEY_CODE, 0, TRUE },
  { "target", KEY_TARGET, 0, TRUE },
  { "message", KEY_MESSAGE, 0, FALSE },
  { "resourceId", KEY_RESOURCE, 0, TRUE },
  { "entity", KEY_RESOURCE, 0, FALSE },
  { "resourceType", KEY_TYPE, 0, TRUE },
  { "resourceLocation", KEY_LOCATION, 0, TRUE },
  { "location", KEY_LOCATION_MAYBE, 0, TRUE },
  { "resourceGroupName", KEY_GROUP, 0, TRUE },
  { "resourceGroup", KEY_GROUP, 0, TRUE },
  { "subscriptionId", KEY_SUBSCRIPTION, 0, TRUE },
  { "subscription", KEY_SUBSCRIPTION, 0, TRUE },
  { "operationName", KEY_OPERATION, 0, TRUE },
  { "expression", KEY_PATH, 0, FALSE },
  { "path", KEY_PATH, 0, FALSE },
  { "expressionValue", KEY_EXPRESSION, 0, FALSE },
};

static const Key *
find_key (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_ascii_strcasecmp (name, keys[i].name) == 0)
      return &keys[i];
  return NULL;
}

static gboolean
is_refusal_code (const char *text)
{
  return g_ascii_strcasecmp (text, "RequestDisallowedByPolicy") == 0 ||
         g_ascii_strncasecmp (text, "RequestDisallowedByPolicy", 25) == 0;
}

static void
take_policy (Scanner *self, LwRefusedField field, const char *text)
{
  g_autofree char *id = NULL;
  LwRefusalIdKind kind;

  if (field != LW_REFUSED_ASSIGNMENT && field != LW_REFUSED_DEFINITION && field != LW_REFUSED_SET)
    {
      if (g_ascii_strcasecmp (text, "null") != 0 && g_ascii_strcasecmp (text, "tbd") != 0)
        lw_refusal_builder_policy (self->builder, field, text, FALSE);
      return;
    }
  kind = lw_refusal_id (text, &id);
  if ((field == LW_REFUSED_ASSIGNMENT && kind == LW_REFUSAL_ID_ASSIGNMENT) ||
      (field == LW_REFUSED_DEFINITION && kind == LW_REFUSAL_ID_DEFINITION) ||
      (field == LW_REFUSED_SET && kind == LW_REFUSAL_ID_SET))
    lw_refusal_builder_policy (self->builder, field, id, FALSE);
}

static void
take_expression (Scanner *self, const char *text)
{
  if (g_ascii_strcasecmp (self->path, "type") == 0)
    lw_refusal_builder_type (self->builder, text, TRUE);
  else if (g_ascii_strcasecmp (self->path, "location") == 0)
    lw_refusal_builder_location (self->builder, text, TRUE);
}

static void
take_member (Scanner *self, const Key *key, const char *text)
{
  g_autofree char *id = NULL;

  switch (key->kind)
    {
    case KEY_POLICY:
      take_policy (self, key->field, text);
      break;
    case KEY_ID:
      if (self->list_id != LW_REFUSED_N_FIELDS)
        take_policy (self, self->list_id, text);
      break;
    case KEY_NAME:
      if (self->list_name != LW_REFUSED_N_FIELDS)
        take_policy (self, self->list_name, text);
      break;
    case KEY_CODE:
      if (is_refusal_code (text))
        lw_refusal_builder_code (self->builder);
      break;
    case KEY_TARGET:
      lw_refusal_builder_target (self->builder, text);
      break;
    case KEY_RESOURCE:
      if (lw_refusal_id (text, &id) == LW_REFUSAL_ID_RESOURCE)
        lw_refusal_builder_target (self->builder, id);
      break;
    case KEY_TYPE:
      lw_refusal_builder_type (self->builder, text, TRUE);
      break;
    case KEY_LOCATION:
    case KEY_LOCATION_MAYBE:
      lw_refusal_builder_location (self->builder, text, key->kind == KEY_LOCATION);
      break;
    case KEY_GROUP:
      lw_refusal_builder_group (self->builder, text);
      break;
    case KEY_SUBSCRIPTION:
      lw_refusal_builder_subscription (self->builder, text);
      break;
    case KEY_OPERATION:
      if (g_ascii_strcasecmp (text, "Microsoft.Authorization/policies/deny/action") == 0)
        lw_refusal_builder_code (self->builder);
      break;
    case KEY_PATH:
      g_strlcpy (self->path, text, sizeof self->path);
      break;
    case KEY_EXPRESSION:
      take_expression (self, text);
      break;
    case KEY_VALUE:
      if ((key = find_key (self->object_of)) != NULL &&
          (key->kind == KEY_TYPE || key->kind == KEY_OPERATION))
        take_member (self, key, text);
      break;
    case KEY_LIST:
    case KEY_MESSAGE:
    default:
      break;
    }
}

/* {"name", "id"} of a policy identifier begins. */
static void
open_list (Scanner *self, const Key *key)
{
  self->list_id = key->field;
  self->list_name = key->field == LW_REFUSED_ASSIGNMENT   ? LW_REFUSED_ASSIGNMENT_NAME
                    : key->field == LW_REFUSED_DEFINITION ? LW_REFUSED_DEFINITION_NAME
                                                          : LW_REFUSED_SET_NAME;
  lw_refusal_builder_policy (self->builder, key->field, NULL, key->field == LW_REFUSED_ASSIGNMENT);
}

/* Behind a key: its value. Reading goes on at the value's first character, as more may lie within. */
static void
scan_value (Scanner *self, const Key *key, gboolean bare)
{
  g_auto (Value) value = { 0 };
  const char *at = self->at;
  guint level = 0;

  while (at < self->end && *at == '\\')
    {
      at++;
      level++;
    }
  if (at < self->end && (*at == '"' || (*at == '\'' && level == 0)))
    {
      read_quoted (self, at, level, MAX_VALUE, key->kind == KEY_NAME || key->kind == KEY_POLICY,
                   &value);
      self->at = at + 1;
      if (*at == '"' && at + 1 < self->end && at[1] == '/')
        self->at = at + 1;
    }
  else if (at < self->end && (*at == '{' || *at == '['))
    {
      g_strlcpy (self->object_of, key->name, sizeof self->object_of);
      if (key->kind == KEY_LIST)
        open_list (self, key);
      if (*at == '{')
        lw_refusal_builder_object (self->builder, TRUE);
      self->at = at + 1;
      return;
    }
  else if (bare)
    read_bare (self, at, &value);
  else
    return;

  if (value.cut && key->kind != KEY_MESSAGE)
    {
      if (value.after >= self->end)
        lw_refusal_builder_truncated (self->builder);
    }
  else if (value.text->len > 0)
    take_member (self, key, value.text->str);
}

/* A name within quotes and a colon, or a bare one with a colon or an equals sign. */
static gboolean
scan_key (Scanner *self, gboolean bare)
{
  char name[MAX_KEY + 1];
  gsize n = 0;
  const char *at = self->at + (bare ? 0 : 1);
  const Key *key;

  for (; at < self->end && n < MAX_KEY; at++)
    {
      if (!bare && *at == '\n')
        at = skip_space (self, at) - 1;
      else if (is_word (*at))
        name[n++] = *at;
      else
        break;
    }
  name[n] = '\0';
  if (n < 2 || (key = find_key (name)) == NULL || (bare && !key->bare))
    return FALSE;
  if (!bare)
    {
      while (at < self->end && *at == '\\')
        at++;
      if (at >= self->end || *at != *self->at)
        return FALSE;
      at++;
    }
  while (at < self->end && (bare ? *at == ' ' : is_space (*at)))
    at++;
  if (at >= self->end || (*at != ':' && !(bare && *at == '=')))
    return FALSE;
  at++;
  while (at < self->end && (bare ? *at == ' ' : is_space (*at)))
    at++;
  self->at = at;
  scan_value (self, key, bare);
  return TRUE;
}

/* --- sentences ----------------------------------------------------------------------------------------- */

static gboolean
is_quote (char c)
{
  return c == '\'' || c == '`' || c == '"';
}

/* 'name', of any quotes. (nullable) */
static const char *
read_name (Scanner *self, const char *at, char **name)
{
  GString *out;
  const char *stop = (gsize) (self->end - at) > 400 ? at + 400 : self->end;
  char quote;

  while (at < stop && (is_space (*at) || *at == '\\'))
    at++;
  if (at >= stop || !is_quote (*at))
    return NULL;
  quote = *at++;
  out = g_string_new (NULL);
  for (; at < stop && *at != quote; at++)
    if (*at != '\n' && *at != '\\')
      g_string_append_c (out, *at);
  *name = g_string_free_and_steal (out);
  return at < stop ? at + 1 : NULL;
}

/* Azure's sentence from @from on, without what follows it. */
static char *
read_message (Scanner *self, const char *from, const char *words_end)
{
  static const char *const ends[] = {
    "Policy identifier", "(Code:",      "Target=",        "Code=",        "\nTarget:",
    "\nCode:",           "\n\n",        "Resource '",     "\nAdditional", "Additional Info",
    "\nwith ",           "StatusCode:", "CorrelationId:", "\nMessage:",   "See error details"
  };
  const char *stop = (gsize) (self->end - from) > MAX_MESSAGE ? from + MAX_MESSAGE : self->end;
  GString *out = g_string_new_len (from, words_end - from);

  for (const char *at = words_end; at < stop && *at != '"'; at++)
    {
      gboolean ended = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (ends) && !ended; i++)
        ended = *at == ends[i][0] && g_ascii_strncasecmp (at, ends[i], strlen (ends[i])) == 0;
      if (ended)
        break;
      if (*at != '\\')
        g_string_append_c (out, *at);
    }
  /* one line */
  {
    g_auto (GStrv) words = g_strsplit_set (out->str, " \n\t", -1);
    GString *line = g_string_new (NULL);

    for (guint i = 0; words[i] != NULL; i++)
      if (words[i][0] != '\0')
        g_string_append_printf (line, "%s%s", line->len > 0 ? " " : "", words[i]);
    g_string_free (out, TRUE);
    return g_string_free_and_steal (line);
  }
}

/* "Resource 'x' was disallowed by policy.", "Resource TYPE 'x' failed", "Resource Group Name: "x"". */
static gboolean
scan_resource (Scanner *self)
{
  const char *from = self->at;
  const char *at = match (self, from, "Resource");
  const char *after;
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;

  if (at == NULL)
    return FALSE;
  if ((after = match (self, at, "Group Name")) != NULL ||
      (after = match (self, at, "Group")) != NULL)
    {
      while (after < self->end && strchr (" :=", *after) != NULL)
        after++;
      if (read_name (self, after, &name) == NULL)
        return FALSE;
      lw_refusal_builder_group (self->builder, name);
      self->at = after;
      return TRUE;
    }
  at = skip_space (self, at);
  if (at < self->end && g_ascii_isalpha (*at))
    {
      const char *type_start = at;

      while (at < self->end && at - type_start < 200 &&
             (g_ascii_isalnum (*at) || strchr ("./-_", *at) != NULL))
        at++;
      type = g_strndup (type_start, (gsize) (at - type_start));
      if (!lw_refusal_is_type (type))
        return FALSE;
    }
  if ((at = read_name (self, at, &name)) == NULL)
    return FALSE;
  if ((after = match (self, at, "was disallowed by policy")) != NULL)
    {
      g_autofree char *message = read_message (self, from, after);

      if (type == NULL && self->failed_name != NULL &&
          g_ascii_strcasecmp (self->failed_name, name) == 0)
        type = g_strdup (self->failed_type);
      lw_refusal_builder_resource (self->builder, name, type);
      lw_refusal_builder_message (self->builder, message);
      self->at = after;
      return TRUE;
    }
  if (type != NULL && match (self, at, "failed") != NULL)
    {
      g_set_str (&self->failed_name, name);
      g_set_str (&self->failed_type, type);
      self->at = at;
      return TRUE;
    }
  return FALSE;
}

/* "The resource action 'Microsoft.Storage/storageAccounts/write' is disallowed by one or more policies." */
static gboolean
scan_action (Scanner *self)
{
  const char *at = match (self, self->at, "The resource action");
  g_autofree char *action = NULL;
  const char *after;

  if (at == NULL || (at = read_name (self, at, &action)) == NULL ||
      (after = match (self, at, "is disallowed by one or more policies")) == NULL)
    return FALSE;
  if (g_str_has_suffix (action, "/write"))
    action[strlen (action) - 6] = '\0';
  lw_refusal_builder_code (self->builder);
  {
    g_autofree char *message = read_message (self, self->at, after);

    lw_refusal_builder_message (self->builder, message);
  }
  lw_refusal_builder_type (self->builder, action, FALSE);
  self->at = after;
  return TRUE;
}

/* --- what was done ------------------------------------------------------------------------------------- */

/* A word of a command line, without its quotes. (transfer full) */
static char *
read_argument (Scanner *self, const char *at)
{
  const char *from;

  char quote = '\0';

  while (at < self->end && (*at == ' ' || *at == '='))
    at++;
  if (at < self->end && is_quote (*at))
    quote = *at++;
  from = at;
  while (at < self->end && at - from < 200 && *at != '\n' &&
         (quote != '\0' ? *at != quote : !is_space (*at)))
    at++;
  return g_strndup (from, (gsize) (at - from));
}

static gboolean
scan_option (Scanner *self)
{
  static const struct
  {
    const char *option;
    KeyKind kind;
  } options[] = {
    { "--resource-group", KEY_GROUP },      { "-g", KEY_GROUP },
    { "-ResourceGroupName", KEY_GROUP },    { "--location", KEY_LOCATION_MAYBE },
    { "-l", KEY_LOCATION_MAYBE },           { "-Location", KEY_LOCATION_MAYBE },
    { "--subscription", KEY_SUBSCRIPTION }, { "-SubscriptionId", KEY_SUBSCRIPTION },
  };

  if (self->at > self->start && !is_space (self->at[-1]))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      gsize length = strlen (options[i].option);
      const Key key = { options[i].option, options[i].kind, 0, FALSE };
      g_autofree char *value = NULL;

      if (g_ascii_strncasecmp (self->at, options[i].option, length) != 0 ||
          strchr (" =", self->at[length]) == NULL || self->at[length] == '\0')
        continue;
      value = read_argument (self, self->at + length);
      take_member (self, &key, value);
      self->at += length;
      return TRUE;
    }
  return FALSE;
}

/* "az storage account create" */
static void
scan_az (Scanner *self)
{
  const char *stop = MIN (self->end, self->at + 120);
  g_autoptr (GString) words = g_string_new (NULL);

  for (const char *at = self->at + 3; at < stop;)
    {
      const char *from = at;
      g_autofree char *word = NULL;

      while (at < stop && (g_ascii_isalnum (*at) || *at == '-'))
        at++;
      word = g_strndup (from, (gsize) (at - from));
      if (word[0] == '\0' || word[0] == '-')
        return;
      if (g_str_equal (word, "create") || g_str_equal (word, "update"))
        {
          lw_refusal_builder_type (self->builder, lw_refusal_type_of_tool (words->str), FALSE);
          return;
        }
      g_string_append_printf (words, "%s%s", words->len > 0 ? " " : "", word);
      if (at >= stop || *at != ' ')
        return;
      at++;
    }
}

/* New-AzStorageAccount; azurerm_storage_account.main */
static void
scan_tool (Scanner *self, gsize length)
{
  g_autofree char *word = g_strndup (self->at, MIN (length, 80));
  const char *line = self->at;
  const char *limit = MAX (self->start, self->at - 300);
  gboolean is_with;

  if (g_str_has_prefix (word, "azurerm_"))
    {
      while (line > limit && line[-1] != '\n')
        line--;
      while (*line == ' ')
        line++;
      is_with = strncmp (line, "with ", 5) == 0; /* g_str_has_prefix() looks for the end */
      lw_refusal_builder_type (self->builder, lw_refusal_type_of_tool (word), is_with);
    }
  else if (g_ascii_strncasecmp (word, "New", 3) == 0 && self->at[length] == '-')
    {
      const char *noun = self->at + length + 1;
      gsize n = 0;
      g_autofree char *copy = NULL;

      while (noun + n < self->end && n < 60 && g_ascii_isalnum (noun[n]))
        n++;
      copy = g_strndup (noun, n);
      if (g_str_has_prefix (copy, "Az"))
        lw_refusal_builder_type (self->builder, lw_refusal_type_of_tool (copy), FALSE);
    }
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static void
scan_word (Scanner *self)
{
  const char *from = self->at;
  const char *at = from;
  gsize length;

  if ((*from == 'R' || *from == 'r') && scan_resource (self))
    return;
  if ((*from == 'T' || *from == 't') && scan_action (self))
    return;
  if (scan_key (self, TRUE))
    return;
  while (at < self->end && is_word (*at))
    at++;
  length = (gsize) (at - from);
  if (length >= 25 && is_refusal_code (from))
    lw_refusal_builder_code (self->builder);
  else if (length == 2 && strncmp (from, "az ", 3) == 0)
    scan_az (self);
  else if ((length == 3 && *at == '-') || (length > 8 && *from == 'a'))
    scan_tool (self, length);
  self->at = at;
}

void
lw_refusal_scan (LwRefusalBuilder *builder, const GString *text)
{
  Scanner self = { .builder = builder,
                   .start = text->str,
                   .end = text->str + text->len,
                   .at = text->str,
                   .list_id = LW_REFUSED_N_FIELDS,
                   .list_name = LW_REFUSED_N_FIELDS };

  while (self.at < self.end)
    {
      char c = *self.at;

      if (is_word (c))
        scan_word (&self);
      else if ((c == '"' || c == '\'') && scan_key (&self, FALSE))
        ;
      else if (c == '/' && scan_id (&self))
        ;
      else if (c == '-' && scan_option (&self))
        ;
      else
        {
          if (c == '{')
            lw_refusal_builder_object (builder, TRUE);
          if (c == '}')
            {
              self.list_id = self.list_name = LW_REFUSED_N_FIELDS;
              self.object_of[0] = '\0';
              lw_refusal_builder_object (builder, FALSE);
            }
          self.at++;
        }
    }
  g_free (self.failed_name);
  g_free (self.failed_type);
}
