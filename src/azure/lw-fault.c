/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-fault.h"
#include "lw-json.h"
#include "lw-trace.h"

#define MAX_TEXT     2000        /* characters that are shown */
#define MAX_MASKED   (16 * 1024) /* bytes among which they are looked for; more than they take */
#define MAX_PARSED   (64 * 1024) /* bytes of a body that are looked at */
#define MAX_PAUSE_MS 15000

/* A string member by any of the names, in any of their casings that services use. */
static char *
first_text (JsonObject *object, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      JsonNode *node = object != NULL ? json_object_get_member (object, names[i]) : NULL;
      JsonObject *inner = lw_json_node_object (node);

      if (inner != NULL && lw_json_get_string (inner, "Value") != NULL)
        return g_strdup (lw_json_get_string (inner, "Value"));
      if (inner != NULL && lw_json_get_string (inner, "value") != NULL)
        return g_strdup (lw_json_get_string (inner, "value"));
      if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
        {
          if (json_node_get_value_type (node) == G_TYPE_STRING &&
              json_node_get_string (node)[0] != '\0')
            return g_strdup (json_node_get_string (node));
          if (json_node_get_value_type (node) == G_TYPE_INT64)
            return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
        }
    }
  return NULL;
}

/* Appends what the details say beyond @message: Resource Graph keeps the cause there. */
static char *
with_details (char *message, JsonObject *error)
{
  JsonArray *details = lw_json_get_array (error, "details");
  g_autoptr (GString) text = g_string_new (message);

  for (guint i = 0; details != NULL && i < MIN (json_array_get_length (details), 5); i++)
    {
      JsonObject *detail = lw_json_array_get_object (details, i);
      const char *code = lw_json_get_string (detail, "code");
      const char *more = lw_json_get_string (detail, "message");

      if (more != NULL && more[0] != '\0' && strstr (text->str, more) == NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", more);
      if (code != NULL && code[0] != '\0')
        g_string_append_printf (text, "%s[%s]", text->len > 0 ? " " : "", code);
    }
  g_free (message);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static void
read_json (LwAzureErrorDetails *details, JsonObject *root)
{
  static const char *const code_names[] = { "code", "Code", "ErrorCode", "errorCode", NULL };
  static const char *const message_names[] = { "message", "Message", "error_description",
                                               "ExceptionMessage", NULL };
  JsonObject *error = lw_json_get_object (root, "error");

  if (error == NULL)
    error = lw_json_get_object (root, "odata.error");
  if (error == NULL)
    error = root;
  details->code = first_text (error, code_names);
  if (details->code == NULL)
    details->code = g_strdup (lw_json_get_string (root, "error"));
  details->message = with_details (first_text (error, message_names), error);
  if (details->request_id == NULL)
    details->request_id =
        g_strdup (lw_json_get_string (lw_json_get_object (error, "innerError"), "request-id"));
  if (details->request_id == NULL)
    details->request_id = g_strdup (lw_json_get_string (root, "correlation_id"));
}

static char *
between (const char *text, const char *from, const char *to)
{
  const char *start = strstr (text, from);
  const char *end = start != NULL ? strstr (start + strlen (from), to) : NULL;

  return end != NULL ? g_strndup (start + strlen (from), end - start - strlen (from)) : NULL;
}

static char *
unescape_xml (char *text)
{
  static const char *const entities[][2] = {
    { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&apos;", "'" }, { "&amp;", "&" }
  };
  g_autoptr (GString) plain = NULL;

  if (text == NULL)
    return NULL;
  plain = g_string_new_take (text);
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    g_string_replace (plain, entities[i][0], entities[i][1], 0);
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

/* A page's title says what went wrong; the rest of it is for browsers. */
static char *
title_of_html (const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  const char *start = strstr (lower, "<title");
  const char *open = start != NULL ? strchr (start, '>') : NULL;
  const char *end = open != NULL ? strstr (open, "</title") : NULL;

  if (end == NULL)
    return NULL;
  return g_strstrip (unescape_xml (g_strndup (text + (open + 1 - lower), end - open - 1)));
}

static void
read_text (LwAzureErrorDetails *details, const char *text)
{
  if (strstr (text, "<Error>") != NULL)
    {
      details->code = unescape_xml (between (text, "<Code>", "</Code>"));
      details->message = unescape_xml (between (text, "<Message>", "</Message>"));
    }
  else if (strchr (text, '<') != NULL && strchr (text, '>') != NULL)
    {
      details->message = title_of_html (text);
    }
  else if (text[0] != '\0')
    {
      details->message = g_strstrip (g_strdup (text));
    }
}

/* A piece of @text that ends between two words, since masking does not know half a secret. %FALSE in
 * @whole where there was no such place. */
static char *
cut_for_masking (const char *text, gboolean *whole)
{
  gsize length = strnlen (text, MAX_MASKED + 1);
  gsize end = MIN (length, MAX_MASKED);
  g_autofree char *piece = NULL;

  if (length > MAX_MASKED)
    {
      while (end > 0 && strchr (" \t\r\n\"'<>", text[end]) == NULL)
        end--;
    }
  *whole = length == 0 || end > 0;
  piece = g_strndup (text, *whole ? end : MAX_MASKED);
  return g_utf8_make_valid (piece, -1);
}

static void
shorten (char **text)
{
  g_autofree char *masked = NULL;
  g_autofree char *valid = NULL;
  gboolean whole;

  if (*text == NULL)
    return;
  valid = cut_for_masking (*text, &whole);
  masked = lw_mask_secrets (valid);
  /* Where masking moved the torn end to where it would be shown. */
  if (!whole && !g_str_equal (masked, valid))
    g_set_str (&masked, "***");
  g_free (*text);
  *text = g_utf8_strlen (masked, -1) > MAX_TEXT ? g_utf8_substring (masked, 0, MAX_TEXT)
                                                : g_steal_pointer (&masked);
}

/* The text that the first member @name (with its quotes) of JSON has that is too long to be parsed. */
static char *
member_of_long_json (const char *json, const char *name)
{
  const char *start = strstr (json, name);
  const char *end;
  g_autofree char *literal = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (start == NULL)
    return NULL;
  start += strlen (name);
  start += strspn (start, " \t\r\n");
  if (*start++ != ':')
    return NULL;
  start += strspn (start, " \t\r\n");
  if (*start != '"')
    return NULL;
  for (end = start + 1; *end != '\0' && *end != '"'; end++)
    {
      if (end[0] == '\\' && end[1] != '\0')
        end++;
    }
  if (*end != '"')
    return NULL;
  literal = g_strdup_printf ("{\"a\":%.*s}", (int) (end + 1 - start), start);
  bytes = g_bytes_new (literal, strlen (literal));
  node = lw_json_parse (bytes, MAX_PARSED * 2, NULL);
  return g_strdup (lw_json_get_string (lw_json_node_object (node), "a"));
}

static void
read_body (LwAzureErrorDetails *details, LwAnswer *answer)
{
  gsize size;
  const char *data = g_bytes_get_data (answer->body, &size);
  g_autoptr (JsonNode) node =
      size <= MAX_PARSED ? lw_json_parse (answer->body, MAX_PARSED, NULL) : NULL;
  const char *header_code = lw_answer_get_header (answer, "x-ms-error-code");

  if (lw_json_node_object (node) != NULL)
    {
      read_json (details, lw_json_node_object (node));
    }
  else if (node == NULL)
    {
      g_autofree char *text = g_strndup (data != NULL ? data : "", MIN (size, MAX_PARSED));

      if (size > MAX_PARSED && g_strchug (text)[0] == '{')
        {
          details->code = member_of_long_json (text, "\"code\"");
          details->message = member_of_long_json (text, "\"message\"");
        }
      else
        {
          read_text (details, text);
        }
    }
  if (details->code == NULL)
    details->code = g_strdup (header_code);
  shorten (&details->code);
  shorten (&details->message);
  shorten (&details->request_id);
}

static gboolean
is_token_trouble (const LwAzureErrorDetails *details, LwAnswer *answer)
{
  const char *code = details->code;

  if (lw_challenge_is_bearer (lw_answer_get_header (answer, "www-authenticate")))
    return TRUE;
  return code != NULL && (strstr (code, "AuthenticationToken") != NULL ||
                          g_str_equal (code, "InvalidAuthenticationInfo"));
}

/* Refusals that people meet, whose own words say less than they should, by Azure's code. */
typedef struct
{
  const char *code;
  int kind; /* -1: as the status says */
  const char *sentence;
} Refusal;

static const Refusal refusals[] = {
  { "ScopeLocked", -1,
    N_ ("A lock on this scope stops the change. Ask its owner to lift the lock for the time of "
        "the change.") },
  { "RequestDisallowedByPolicy", -1, N_ ("A policy refuses this change.") },
  { "LinkedAuthorizationFailed", -1,
    N_ ("The account may write here, but lacks the right to exempt from that assignment "
        "(Microsoft.Authorization/policyAssignments/exempt/action).") },
  { "DenyAssignmentAuthorizationFailed", -1,
    N_ ("A deny assignment stands in the way, whatever the account's roles allow. Ask whoever "
        "made it; often it belongs to an application that manages this scope.") },
  { "NoRegisteredProviderFound", -1,
    N_ ("This cloud does not know the version of the interface that was asked for.") },
  { "InvalidResourceType", -1,
    N_ ("This cloud does not know the version of the interface that was asked for.") },
  { "InvalidApiVersionParameter", -1,
    N_ ("This cloud does not know the version of the interface that was asked for.") },
  { "MissingSubscriptionRegistration", LW_AZURE_ERROR_INVALID,
    N_ ("The subscription is not registered for this service, which so knows nothing of it. Its "
        "owner can register the resource provider.") },
  { "ReadOnlyDisabledSubscription", LW_AZURE_ERROR_FORBIDDEN,
    N_ ("The subscription is disabled, so nothing in it can be changed.") },
};

/* (nullable) */
static const Refusal *
find_refusal (const LwAzureErrorDetails *details)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      if (g_strcmp0 (details->code, refusals[i].code) == 0)
        return &refusals[i];
    }
  return NULL;
}

static LwAzureError
code_for_status (const LwAzureErrorDetails *details, LwAnswer *answer)
{
  const Refusal *known = find_refusal (details);

  if (known != NULL && known->kind >= 0)
    return (LwAzureError) known->kind;
  switch (details->status)
    {
    case 401:
      return is_token_trouble (details, answer) ? LW_AZURE_ERROR_SIGN_IN : LW_AZURE_ERROR_FORBIDDEN;
    case 403:
      return LW_AZURE_ERROR_FORBIDDEN;
    case 404:
    case 410:
      return LW_AZURE_ERROR_NOT_FOUND;
    case 409:
    case 412:
      return LW_AZURE_ERROR_CONFLICT;
    case 413:
      return LW_AZURE_ERROR_TOO_LARGE;
    case 429:
      return LW_AZURE_ERROR_THROTTLED;
    default:
      if (details->status >= 500)
        return LW_AZURE_ERROR_SERVER;
      return details->status >= 400 ? LW_AZURE_ERROR_INVALID : LW_AZURE_ERROR_PROTOCOL;
    }
}

static const char *
sentence_for (LwAzureError code, const LwAzureErrorDetails *details)
{
  const Refusal *known = find_refusal (details);

  if (known != NULL)
    return _ (known->sentence);
  switch (code)
    {
    case LW_AZURE_ERROR_SIGN_IN:
      return _ ("Azure no longer accepts the sign-in. Sign in again.");
    case LW_AZURE_ERROR_FORBIDDEN:
      return _ ("The account may not do this.");
    case LW_AZURE_ERROR_NOT_FOUND:
      return _ ("It is not there, or the account may not see it.");
    case LW_AZURE_ERROR_CONFLICT:
      return _ ("Somebody was first, or it changed in the meantime. Reload and look again.");
    case LW_AZURE_ERROR_THROTTLED:
      return _ ("Azure asks to slow down. Try again in a few minutes.");
    case LW_AZURE_ERROR_SERVER:
      return _ ("Azure has trouble at the moment. Try again in a few minutes.");
    case LW_AZURE_ERROR_TOO_LARGE:
      return _ ("This is too large for Azure.");
    case LW_AZURE_ERROR_PROTOCOL:
      return _ ("Azure gave an answer that cannot be understood.");
    case LW_AZURE_ERROR_INVALID:
    case LW_AZURE_ERROR_NETWORK:
    case LW_AZURE_ERROR_TLS:
    case LW_AZURE_ERROR_HOST:
    case LW_AZURE_ERROR_TIMED_OUT:
    case LW_AZURE_ERROR_KEYRING_LOCKED:
    case LW_AZURE_ERROR_KEYRING_MISSING:
    case LW_AZURE_ERROR_PROFILE:
    default:
      return _ ("Azure refuses the request.");
    }
}

static char *
method_and_address (const char *method, const char *url)
{
  gsize length = strcspn (url, "?#");
  g_autofree char *address = g_strndup (url, length);

  return g_strdup_printf ("%s %s", method, address);
}

GError *
lw_fault_new (const char *method, const char *url, LwAnswer *answer)
{
  g_autofree char *where = method_and_address (method, url);
  g_autoptr (GString) text = NULL;
  LwAzureErrorDetails details = { 0 };
  LwAzureError code;
  GError *error;

  details.status = answer->status;
  details.at = g_get_real_time () / G_USEC_PER_SEC;
  details.url = g_strdup (where);
  details.request_id = g_strdup (lw_answer_get_header (answer, "x-ms-request-id"));
  if (details.request_id == NULL)
    details.request_id = g_strdup (lw_answer_get_header (answer, "request-id"));
  read_body (&details, answer);
  code = code_for_status (&details, answer);
  if (code == LW_AZURE_ERROR_SIGN_IN)
    details.claims = lw_challenge_get_claims (lw_answer_get_header (answer, "www-authenticate"));
  text = g_string_new (sentence_for (code, &details));
  if (details.message != NULL)
    g_string_append_printf (text, " %s", details.message);
  if (details.code != NULL)
    g_string_append_printf (text, " (%s)", details.code);
  else
    g_string_append_printf (text, " (HTTP %u)", details.status);
  error = lw_azure_error_new (code, &details, text->str);
  lw_azure_error_details_clear (&details);
  return error;
}

gint64
lw_retry_after (const char *header, gint64 now)
{
  char *end = NULL;
  gint64 seconds;
  g_autoptr (GDateTime) date = NULL;

  if (header == NULL || header[0] == '\0')
    return -1;
  seconds = g_ascii_strtoll (header, &end, 10);
  if (end != header && *end == '\0')
    return seconds < 0 ? -1 : MIN (seconds, (gint64) G_MAXINT / 1000) * 1000;
  date = soup_date_time_new_from_http_string (header);
  if (date == NULL)
    return -1;
  seconds = g_date_time_to_unix (date) - now;
  return CLAMP (seconds, 0, (gint64) G_MAXINT / 1000) * 1000;
}

gint64
lw_answer_retry_after (LwAnswer *answer)
{
  const char *text = lw_answer_get_header (answer, "date");
  g_autoptr (GDateTime) date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;

  return lw_retry_after (lw_answer_get_header (answer, "retry-after"),
                         date != NULL ? g_date_time_to_unix (date)
                                      : g_get_real_time () / G_USEC_PER_SEC);
}

guint
lw_retry_pause (guint attempt, guint base_ms)
{
  guint pause = base_ms << MIN (MAX (attempt, 1) - 1, 8);

  pause = MIN (pause, MAX_PAUSE_MS);
  return (guint) (pause * g_random_double_range (0.5, 1.0));
}
