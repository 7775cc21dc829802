/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a cleaned text once, from its first byte to its last. It looks for members of JSON by their names
 * and not by the structure around them, as what is pasted is often cut, quoted wrongly or broken into lines. A
 * quote with n backslashes before it ends at the next one with n or fewer; what lies within is read too. */

#include "lw-refusal-scan-private.h"

#include <string.h>

#define MAX_VALUE 1024
#define MAX_ID    2048

gboolean
lw_scan_is_space (char c)
{
  return c == ' ' || c == '\n' || c == '\t';
}

gboolean
lw_scan_is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

const char *
lw_scan_skip_space (LwRefusalScanner *self, const char *at)
{
  while (at < self->end && lw_scan_is_space (*at))
    at++;
  return at;
}

/* --- words ------------------------------------------------------------------------------------------- */

/* Whether @words stand at @at, white space (of which there may be any, or none) apart: terminals break
 * lines between words and within them. Answers where they end. */
const char *
lw_scan_match (LwRefusalScanner *self, const char *at, const char *words)
{
  while (*words != '\0')
    {
      while (at < self->end && lw_scan_is_space (*at) && *at != *words)
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
line_length (LwRefusalScanner *self, const char *at, int step)
{
  gsize n = 0;

  for (at += step; at >= self->start && at < self->end && *at != '\n' && n < 400; at += step)
    n += ((guchar) *at & 0xc0) != 0x80;
  return n;
}

/* Whether the line that ends at @at was cut because the terminal ends there, within a word maybe: another
 * beside it is as long. */
static gboolean
is_hard_break (LwRefusalScanner *self, const char *at)
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
read_quoted (LwRefusalScanner *self,
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
          at = lw_scan_skip_space (self, at);
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
read_bare (LwRefusalScanner *self, const char *at, Value *value)
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
emit_cut (LwRefusalScanner *self, char *text)
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
scan_id (LwRefusalScanner *self)
{
  g_autofree char *id = NULL;
  g_auto (Value) value = { 0 };
  char before = self->at > self->start ? self->at[-1] : ' ';
  gboolean subscription = g_ascii_strncasecmp (self->at, "/subscriptions/", 15) == 0;
  LwRefusalIdKind kind;

  if (!subscription && (g_ascii_strncasecmp (self->at, "/providers/Microsoft.", 21) != 0 ||
                        lw_scan_is_word (before) || strchr ("}*>-.…", before) != NULL))
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

static const LwRefusalKey keys[] = {
  { "policyAssignment", LW_KEY_LIST, LW_REFUSED_ASSIGNMENT, FALSE },
  { "policyDefinition", LW_KEY_LIST, LW_REFUSED_DEFINITION, FALSE },
  { "policySetDefinition", LW_KEY_LIST, LW_REFUSED_SET, FALSE },
  { "policyAssignmentId", LW_KEY_POLICY, LW_REFUSED_ASSIGNMENT, TRUE },
  { "policyAssignmentDisplayName", LW_KEY_POLICY, LW_REFUSED_ASSIGNMENT_NAME, TRUE },
  { "policyDefinitionId", LW_KEY_POLICY, LW_REFUSED_DEFINITION, TRUE },
  { "policyDefinitionDisplayName", LW_KEY_POLICY, LW_REFUSED_DEFINITION_NAME, TRUE },
  { "policySetDefinitionId", LW_KEY_POLICY, LW_REFUSED_SET, TRUE },
  { "policySetDefinitionDisplayName", LW_KEY_POLICY, LW_REFUSED_SET_NAME, TRUE },
  { "policyDefinitionReferenceId", LW_KEY_POLICY, LW_REFUSED_REFERENCE, TRUE },
  { "policyDefinitionEffect", LW_KEY_POLICY, LW_REFUSED_EFFECT, TRUE },
  { "id", LW_KEY_ID, 0, FALSE },
  { "name", LW_KEY_NAME, 0, FALSE },
  { "value", LW_KEY_VALUE, 0, FALSE },
  { "code", LW_KEY_CODE, 0, TRUE },
  { "errorCode", LW_KEY_CODE, 0, TRUE },
  { "target", LW_KEY_TARGET, 0, TRUE },
  { "message", LW_KEY_MESSAGE, 0, FALSE },
  { "resourceId", LW_KEY_RESOURCE, 0, TRUE },
  { "entity", LW_KEY_RESOURCE, 0, FALSE },
  { "resourceType", LW_KEY_TYPE, 0, TRUE },
  { "resourceLocation", LW_KEY_LOCATION, 0, TRUE },
  { "location", LW_KEY_LOCATION_MAYBE, 0, TRUE },
  { "resourceGroupName", LW_KEY_GROUP, 0, TRUE },
  { "resourceGroup", LW_KEY_GROUP, 0, TRUE },
  { "subscriptionId", LW_KEY_SUBSCRIPTION, 0, TRUE },
  { "subscription", LW_KEY_SUBSCRIPTION, 0, TRUE },
  { "operationName", LW_KEY_OPERATION, 0, TRUE },
  { "expression", LW_KEY_PATH, 0, FALSE },
  { "path", LW_KEY_PATH, 0, FALSE },
  { "expressionValue", LW_KEY_EXPRESSION, 0, FALSE },
};

static const LwRefusalKey *
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
take_policy (LwRefusalScanner *self, LwRefusedField field, const char *text)
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
take_expression (LwRefusalScanner *self, const char *text)
{
  if (g_ascii_strcasecmp (self->path, "type") == 0)
    lw_refusal_builder_type (self->builder, text, TRUE);
  else if (g_ascii_strcasecmp (self->path, "location") == 0)
    lw_refusal_builder_location (self->builder, text, TRUE);
}

void
lw_scan_take_member (LwRefusalScanner *self, const LwRefusalKey *key, const char *text)
{
  g_autofree char *id = NULL;

  switch (key->kind)
    {
    case LW_KEY_POLICY:
      take_policy (self, key->field, text);
      break;
    case LW_KEY_ID:
      if (self->list_id != LW_REFUSED_N_FIELDS)
        take_policy (self, self->list_id, text);
      break;
    case LW_KEY_NAME:
      if (self->list_name != LW_REFUSED_N_FIELDS)
        take_policy (self, self->list_name, text);
      break;
    case LW_KEY_CODE:
      if (is_refusal_code (text))
        lw_refusal_builder_code (self->builder);
      break;
    case LW_KEY_TARGET:
      lw_refusal_builder_target (self->builder, text);
      break;
    case LW_KEY_RESOURCE:
      if (lw_refusal_id (text, &id) == LW_REFUSAL_ID_RESOURCE)
        lw_refusal_builder_target (self->builder, id);
      break;
    case LW_KEY_TYPE:
      lw_refusal_builder_type (self->builder, text, TRUE);
      break;
    case LW_KEY_LOCATION:
    case LW_KEY_LOCATION_MAYBE:
      lw_refusal_builder_location (self->builder, text, key->kind == LW_KEY_LOCATION);
      break;
    case LW_KEY_GROUP:
      lw_refusal_builder_group (self->builder, text);
      break;
    case LW_KEY_SUBSCRIPTION:
      lw_refusal_builder_subscription (self->builder, text);
      break;
    case LW_KEY_OPERATION:
      if (g_ascii_strcasecmp (text, "Microsoft.Authorization/policies/deny/action") == 0)
        lw_refusal_builder_code (self->builder);
      break;
    case LW_KEY_PATH:
      g_strlcpy (self->path, text, sizeof self->path);
      break;
    case LW_KEY_EXPRESSION:
      take_expression (self, text);
      break;
    case LW_KEY_VALUE:
      if ((key = find_key (self->object_of)) != NULL &&
          (key->kind == LW_KEY_TYPE || key->kind == LW_KEY_OPERATION))
        lw_scan_take_member (self, key, text);
      break;
    case LW_KEY_LIST:
    case LW_KEY_MESSAGE:
    default:
      break;
    }
}

/* {"name", "id"} of a policy identifier begins. */
static void
open_list (LwRefusalScanner *self, const LwRefusalKey *key)
{
  self->list_id = key->field;
  self->list_name = key->field == LW_REFUSED_ASSIGNMENT   ? LW_REFUSED_ASSIGNMENT_NAME
                    : key->field == LW_REFUSED_DEFINITION ? LW_REFUSED_DEFINITION_NAME
                                                          : LW_REFUSED_SET_NAME;
  lw_refusal_builder_policy (self->builder, key->field, NULL, key->field == LW_REFUSED_ASSIGNMENT);
}

/* Behind a key: its value. Reading goes on at the value's first character, as more may lie within. */
static void
scan_value (LwRefusalScanner *self, const LwRefusalKey *key, gboolean bare)
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
      read_quoted (self, at, level, MAX_VALUE,
                   key->kind == LW_KEY_NAME || key->kind == LW_KEY_POLICY, &value);
      self->at = at + 1;
      if (*at == '"' && at + 1 < self->end && at[1] == '/')
        self->at = at + 1;
    }
  else if (at < self->end && (*at == '{' || *at == '['))
    {
      g_strlcpy (self->object_of, key->name, sizeof self->object_of);
      if (key->kind == LW_KEY_LIST)
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

  if (value.cut && key->kind != LW_KEY_MESSAGE)
    {
      if (value.after >= self->end)
        lw_refusal_builder_truncated (self->builder);
    }
  else if (value.text->len > 0)
    lw_scan_take_member (self, key, value.text->str);
}

/* A name within quotes and a colon, or a bare one with a colon or an equals sign. */
static gboolean
scan_key (LwRefusalScanner *self, gboolean bare)
{
  char name[LW_REFUSAL_MAX_KEY + 1];
  gsize n = 0;
  const char *at = self->at + (bare ? 0 : 1);
  const LwRefusalKey *key;

  for (; at < self->end && n < LW_REFUSAL_MAX_KEY; at++)
    {
      if (!bare && *at == '\n')
        at = lw_scan_skip_space (self, at) - 1;
      else if (lw_scan_is_word (*at))
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
  while (at < self->end && (bare ? *at == ' ' : lw_scan_is_space (*at)))
    at++;
  if (at >= self->end || (*at != ':' && !(bare && *at == '=')))
    return FALSE;
  at++;
  while (at < self->end && (bare ? *at == ' ' : lw_scan_is_space (*at)))
    at++;
  self->at = at;
  scan_value (self, key, bare);
  return TRUE;
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static void
scan_word (LwRefusalScanner *self)
{
  const char *from = self->at;
  const char *at = from;
  gsize length;

  if ((*from == 'R' || *from == 'r') && lw_scan_resource (self))
    return;
  if ((*from == 'T' || *from == 't') && lw_scan_action (self))
    return;
  if (scan_key (self, TRUE))
    return;
  while (at < self->end && lw_scan_is_word (*at))
    at++;
  length = (gsize) (at - from);
  if (length >= 25 && is_refusal_code (from))
    lw_refusal_builder_code (self->builder);
  else if (length == 2 && strncmp (from, "az ", 3) == 0)
    lw_scan_az (self);
  else if ((length == 3 && *at == '-') || (length > 8 && *from == 'a'))
    lw_scan_tool (self, length);
  self->at = at;
}

void
lw_refusal_scan (LwRefusalBuilder *builder, const GString *text)
{
  LwRefusalScanner self = { .builder = builder,
                            .start = text->str,
                            .end = text->str + text->len,
                            .at = text->str,
                            .list_id = LW_REFUSED_N_FIELDS,
                            .list_name = LW_REFUSED_N_FIELDS };

  while (self.at < self.end)
    {
      char c = *self.at;

      if (lw_scan_is_word (c))
        scan_word (&self);
      else if ((c == '"' || c == '\'') && scan_key (&self, FALSE))
        ;
      else if (c == '/' && scan_id (&self))
        ;
      else if (c == '-' && lw_scan_option (&self))
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
