/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers that are refusals or rubbish, in the shapes that Azure's services use. */

#include "lw-demo-faults.h"

#include "lw-demo-json.h"

#include <string.h>

typedef struct
{
  const char *name;
  guint status;
  const char *type;
  const char *headers; /* nullable: "Name: value", separated by newlines */
  const char *body;
} Answer;

#define ARM(code, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}"
#define JSON               "application/json; charset=utf-8"

static const Answer answers[] = {
  { "html-502", 502, "text/html", NULL,
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>"
    "</center><hr><center>Microsoft-Azure-Application-Gateway/v2</center></body></html>" },
  { "html-200", 200, "text/html; charset=utf-8", NULL,
    "<!doctype html><title>Sign in to the network</title><form><input name=room></form>" },
  { "unauthorized", 401, JSON,
    "WWW-Authenticate: Bearer authorization_uri=\"https://login.microsoftonline.com/common\", "
    "error=\"invalid_token\", error_description=\"The access token is invalid.\"",
    ARM ("InvalidAuthenticationToken", "The access token is invalid.") },
  { "forbidden", 403, JSON, "x-ms-failure-cause: gateway",
    ARM ("AuthorizationFailed",
         "The client does not have authorization to perform the action over the scope or the scope "
         "is invalid. If access was recently granted, please refresh your credentials.") },
  { "forbidden-linked", 403, JSON, NULL,
    ARM (
        "LinkedAuthorizationFailed",
        "The client has permission to perform action "
        "'Microsoft.Authorization/policyExemptions/write'; however, it does not have permission to "
        "perform action 'Microsoft.Authorization/policyAssignments/exempt/action' on the linked "
        "scope.") },
  { "forbidden-policy", 403, JSON, NULL,
    "{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"target\":\"x\",\"message\":\"Resource "
    "was "
    "disallowed by policy.\",\"additionalInfo\":[{\"type\":\"PolicyViolation\",\"info\":{"
    "\"policyDefinitionDisplayName\":\"No exemptions\"}}]}}" },
  { "forbidden-denied", 403, JSON, NULL,
    ARM ("DenyAssignmentAuthorizationFailed",
         "The access is denied because of the deny assignment with name 'Databricks'.") },
  { "forbidden-graph", 403, JSON, NULL,
    "{\"error\":{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient privileges to "
    "complete the operation.\",\"innerError\":{\"date\":\"2026-11-22T12:00:00\",\"request-id\":"
    "\"6f0a1c5e-0000-4000-8000-00000000beef\"}}}" },
  { "forbidden-blob", 403, "application/xml", "x-ms-error-code: AuthorizationPermissionMismatch",
    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>"
    "AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this "
    "operation using this permission.</Message></Error>" },
  { "not-found", 404, JSON, NULL,
    ARM ("PolicyExemptionNotFound", "The policy exemption could not be found.") },
  { "conflict", 409, JSON, NULL,
    ARM ("AnotherOperationInProgress", "Another operation is in progress on this resource.") },
  { "locked", 409, JSON, NULL,
    ARM ("ScopeLocked", "The scope cannot perform write operation because it is locked.") },
  { "precondition", 412, JSON, NULL,
    ARM ("PreconditionFailed", "The condition in the request headers was not met.") },
  { "throttle", 429, JSON, "x-ms-ratelimit-remaining-subscription-reads: 0",
    ARM ("TooManyRequests", "The request is being throttled.") },
  { "error-500", 500, JSON, NULL,
    ARM ("InternalServerError", "Encountered internal server error.") },
  { "error-500-done", 500, JSON, NULL,
    ARM ("InternalServerError", "Encountered internal server error.") },
  { "unavailable", 503, JSON, NULL,
    ARM ("ServerTimeout", "The request timed out. Please retry after some time.") },
  { "token-html", 200, "text/html", NULL,
    "<html><head><title>Proxy</title></head><body>Accept our terms to go on.</body></html>" },
  { "token-empty", 200, JSON, NULL, "" },
  { "token-types", 200, JSON, NULL,
    "{\"token_type\":7,\"expires_in\":{\"a\":[]},\"access_token\":[null],\"refresh_token\":false,"
    "\"id_token\":3.25}" },
  { "token-broken", 200, JSON, NULL, "{\"token_type\":\"Bearer\",\"access_token\":\"abc" },
};

static void
set_headers (LwDemoCall *call, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *colon = strstr (lines[i], ": ");

      if (colon == NULL)
        continue;
      *colon = '\0';
      lw_demo_call_set_header (call, lines[i], colon + 2);
    }
}

static void
strike_answer (LwDemoCall *call, const LwDemoFault *fault)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const Answer *answer = &answers[i];

      if (!g_str_equal (answer->name, fault->kind->name))
        continue;
      set_headers (call, answer->headers);
      if (fault->retry_after != NULL)
        lw_demo_call_set_header (call, "Retry-After", fault->retry_after);
      lw_demo_call_reply (call, answer->status, answer->type, g_strdup (answer->body));
      return;
    }
}

/* In the place of the answer that there was. */
static void
strike_answer_after (LwDemoCall *call, const LwDemoFault *fault)
{
  soup_message_body_truncate (soup_server_message_get_response_body (call->message));
  strike_answer (call, fault);
}

/* A challenge of continuous access evaluation. */
static void
strike_claims (LwDemoCall *call, const LwDemoFault *fault)
{
  const char *claims =
      fault->claims != NULL
          ? fault->claims
          : "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1800000000\"}}}";
  g_autofree char *text = g_base64_encode ((const guchar *) claims, strlen (claims));
  g_autofree char *header =
      g_strdup_printf ("Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
                       "error=\"insufficient_claims\", claims=\"%s\"",
                       call->base, text);

  lw_demo_call_set_header (call, "WWW-Authenticate", header);
  lw_demo_call_reply_json (
      call, 401,
      g_strdup (ARM ("InvalidAuthenticationToken",
                     "TokenCreatedWithOutdatedPolicies: continuous access evaluation resulted in "
                     "challenge.")));
}

static void
strike_redirect (LwDemoCall *call, const LwDemoFault *fault)
{
  lw_demo_call_set_header (call, "Location", fault->url);
  lw_demo_call_reply_empty (call, fault->status > 0 ? fault->status : 302);
}

/* The list goes on elsewhere. */
static void
strike_next_link (LwDemoCall *call, const LwDemoFault *fault)
{
  g_autoptr (GBytes) bytes =
      soup_message_body_flatten (soup_server_message_get_response_body (call->message));
  g_autoptr (JsonObject) object =
      lw_demo_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);

  if (object == NULL)
    return;
  json_object_set_string_member (object, "nextLink", fault->url);
  soup_message_body_truncate (soup_server_message_get_response_body (call->message));
  lw_demo_call_reply_object (call, soup_server_message_get_status (call->message), object);
}

static void
strike_any (LwDemoCall *call, const LwDemoFault *fault)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (fault->headers != NULL)
    {
      json_object_iter_init (&iter, fault->headers);
      while (json_object_iter_next (&iter, &name, &node))
        lw_demo_call_set_header (call, name, json_node_get_string (node));
    }
  lw_demo_call_reply (call, fault->status, fault->type != NULL ? fault->type : JSON,
                      g_strdup (fault->body != NULL ? fault->body : ""));
}

#define PLAIN(name, help) { name, LW_DEMO_FAULT_BEFORE, "retry-after", NULL, strike_answer, help }

const LwDemoFaultKind lw_demo_fault_answer_kinds[] = {
  PLAIN ("html-502", "a gateway's page"),
  PLAIN ("html-200", "the page of a network that wants a sign-in of its own"),
  PLAIN ("unauthorized", "401 with a challenge that has no claims"),
  { "claims", LW_DEMO_FAULT_BEFORE, "claims", NULL, strike_claims,
    "401 with a challenge that has \"claims\" (JSON as text)" },
  PLAIN ("forbidden", "403 AuthorizationFailed"),
  PLAIN ("forbidden-linked", "403 LinkedAuthorizationFailed"),
  PLAIN ("forbidden-policy", "403 RequestDisallowedByPolicy"),
  PLAIN ("forbidden-denied", "403 DenyAssignmentAuthorizationFailed"),
  PLAIN ("forbidden-graph", "403 as Microsoft Graph says it"),
  PLAIN ("forbidden-blob", "403 as Storage says it"),
  PLAIN ("not-found", "404"),
  PLAIN ("conflict", "409"),
  PLAIN ("locked", "409 ScopeLocked"),
  PLAIN ("precondition", "412"),
  PLAIN ("throttle", "429, with \"retry-after\" where it is given"),
  PLAIN ("error-500", "500"),
  { "error-500-done", LW_DEMO_FAULT_AFTER, "retry-after", NULL, strike_answer_after,
    "500 although it was done" },
  PLAIN ("unavailable", "503, with \"retry-after\" where it is given"),
  PLAIN ("token-html", "200 with a page, for the token endpoint"),
  PLAIN ("token-empty", "200 with nothing"),
  PLAIN ("token-types", "200 with every member of a wrong type"),
  PLAIN ("token-broken", "200 with half a token's JSON"),
  { "redirect", LW_DEMO_FAULT_BEFORE, "url status", "url", strike_redirect,
    "302 (or \"status\") to \"url\"" },
  { "next-link", LW_DEMO_FAULT_AFTER, "url", "url", strike_next_link,
    "the list's nextLink leads to \"url\"" },
  { "answer", LW_DEMO_FAULT_BEFORE, "status type headers body", "status", strike_any,
    "whatever the rule says" },
  { 0 },
};
