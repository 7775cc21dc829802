/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Azure's sentences, and the commands that were typed before them. */

#include "lw-refusal-scan-private.h"

#include <string.h>

#define MAX_MESSAGE 4096

/* --- sentences ----------------------------------------------------------------------------------------- */

static gboolean
is_quote (char c)
{
  return c == '\'' || c == '`' || c == '"';
}

/* 'name', of any quotes. (nullable) */
static const char *
read_name (LwRefusalScanner *self, const char *at, char **name)
{
  GString *out;
  const char *stop = (gsize) (self->end - at) > 400 ? at + 400 : self->end;
  char quote;

  while (at < stop && (lw_scan_is_space (*at) || *at == '\\'))
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
read_message (LwRefusalScanner *self, const char *from, const char *words_end)
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
gboolean
lw_scan_resource (LwRefusalScanner *self)
{
  const char *from = self->at;
  const char *at = lw_scan_match (self, from, "Resource");
  const char *after;
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;

  if (at == NULL)
    return FALSE;
  if ((after = lw_scan_match (self, at, "Group Name")) != NULL ||
      (after = lw_scan_match (self, at, "Group")) != NULL)
    {
      while (after < self->end && strchr (" :=", *after) != NULL)
        after++;
      if (read_name (self, after, &name) == NULL)
        return FALSE;
      lw_refusal_builder_group (self->builder, name);
      self->at = after;
      return TRUE;
    }
  at = lw_scan_skip_space (self, at);
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
  if ((after = lw_scan_match (self, at, "was disallowed by policy")) != NULL)
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
  if (type != NULL && lw_scan_match (self, at, "failed") != NULL)
    {
      g_set_str (&self->failed_name, name);
      g_set_str (&self->failed_type, type);
      self->at = at;
      return TRUE;
    }
  return FALSE;
}

/* "The resource action 'Microsoft.Storage/storageAccounts/write' is disallowed by one or more policies." */
gboolean
lw_scan_action (LwRefusalScanner *self)
{
  const char *at = lw_scan_match (self, self->at, "The resource action");
  g_autofree char *action = NULL;
  const char *after;

  if (at == NULL || (at = read_name (self, at, &action)) == NULL ||
      (after = lw_scan_match (self, at, "is disallowed by one or more policies")) == NULL)
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
read_argument (LwRefusalScanner *self, const char *at)
{
  const char *from;

  char quote = '\0';

  while (at < self->end && (*at == ' ' || *at == '='))
    at++;
  if (at < self->end && is_quote (*at))
    quote = *at++;
  from = at;
  while (at < self->end && at - from < 200 && *at != '\n' &&
         (quote != '\0' ? *at != quote : !lw_scan_is_space (*at)))
    at++;
  return g_strndup (from, (gsize) (at - from));
}

gboolean
lw_scan_option (LwRefusalScanner *self)
{
  static const struct
  {
    const char *option;
    LwRefusalKeyKind kind;
  } options[] = {
    { "--resource-group", LW_KEY_GROUP },      { "-g", LW_KEY_GROUP },
    { "-ResourceGroupName", LW_KEY_GROUP },    { "--location", LW_KEY_LOCATION_MAYBE },
    { "-l", LW_KEY_LOCATION_MAYBE },           { "-Location", LW_KEY_LOCATION_MAYBE },
    { "--subscription", LW_KEY_SUBSCRIPTION }, { "-SubscriptionId", LW_KEY_SUBSCRIPTION },
  };

  if (self->at > self->start && !lw_scan_is_space (self->at[-1]))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      gsize length = strlen (options[i].option);
      const LwRefusalKey key = { options[i].option, options[i].kind, 0, FALSE };
      g_autofree char *value = NULL;

      if (g_ascii_strncasecmp (self->at, options[i].option, length) != 0 ||
          strchr (" =", self->at[length]) == NULL || self->at[length] == '\0')
        continue;
      value = read_argument (self, self->at + length);
      lw_scan_take_member (self, &key, value);
      self->at += length;
      return TRUE;
    }
  return FALSE;
}

/* "az storage account create" */
void
lw_scan_az (LwRefusalScanner *self)
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
void
lw_scan_tool (LwRefusalScanner *self, gsize length)
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
