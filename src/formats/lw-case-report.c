/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-case-json.h"
#include "lw-case-report.h"
#include "lw-evidence.h"
#include "lw-json.h"

static const char *const titles[] = {
  [LW_EVENT_SUBMITTED] = N_ ("Submitted"),
  [LW_EVENT_WITHDRAWN] = N_ ("Withdrawn"),
  [LW_EVENT_CHANGES_REQUESTED] = N_ ("Changes requested"),
  [LW_EVENT_REJECTED] = N_ ("Rejected"),
  [LW_EVENT_APPROVED] = N_ ("Approved"),
  [LW_EVENT_APPLYING] = N_ ("Began to apply it in Azure"),
  [LW_EVENT_APPLIED] = N_ ("Applied in Azure"),
  [LW_EVENT_APPLY_FAILED] = N_ ("Azure refused to apply it"),
  [LW_EVENT_RETIRING] = N_ ("Began to retire it"),
  [LW_EVENT_RETIRED] = N_ ("Retired"),
  [LW_EVENT_RESTORED] = N_ ("Restored"),
  [LW_EVENT_CONTROL_CHECKED] = N_ ("Checked a control"),
  [LW_EVENT_COMMENTED] = N_ ("Commented"),
};

const char *
lw_event_title (const LwEvent *event)
{
  return event->kind < G_N_ELEMENTS (titles) && titles[event->kind] ? _ (titles[event->kind])
                                                                    : event->kind_name;
}

static const char *
person_label (const LwPerson *person)
{
  if (person == NULL)
    return _ ("nobody");
  if (person->name != NULL && *person->name != '\0')
    return person->name;
  return person->upn != NULL ? person->upn : person->id;
}

char *
lw_event_line (const LwEvent *event)
{
  g_autofree char *at = g_date_time_format (event->at, "%Y-%m-%d %H:%M:%S UTC");

  return g_strdup_printf ("%s  %s #%u  %s, %s", at, event->request, event->seq,
                          lw_event_title (event), person_label (event->by));
}

/* --- JSON --------------------------------------------------------------------------------------- */

static JsonArray *
write_events (LwCase *value)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < value->events->len; i++)
    {
      const LwEvent *event = g_ptr_array_index (value->events, i);
      JsonNode *node = lw_json_parse (event->bytes, 0, NULL);
      JsonObject *object = json_object_new ();

      lw_json_set_string (object, "sha256", event->sha256);
      if (node != NULL)
        json_object_set_member (object, "event", node);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonNode *
lw_case_report_to_json (LwCase *value, GDateTime *now)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonNode *content = value->content != NULL ? lw_request_to_json (value->content) : NULL;
  g_autofree char *at = lw_instant_format (now);

  json_object_set_int_member (object, "version", 1);
  lw_json_set_string (object, "exported", at);
  lw_json_set_string (object, "request", value->request_id);
  lw_json_set_string (object, "phase", lw_phase_to_string (value->phase));
  json_object_set_int_member (object, "revision", value->revision);
  lw_json_set_string (object, "digest", value->digest);
  json_object_set_boolean_member (object, "intact", lw_case_is_intact (value));
  json_object_set_int_member (object, "approvalsNeeded", value->approvals_needed);
  json_object_set_int_member (object, "approvalsCounting", value->approvals_counting);
  json_object_set_array_member (object, "approvals", lw_approvals_to_json (value->approvals));
  json_object_set_array_member (object, "flags", lw_flags_to_json (value->flags));
  if (content != NULL)
    json_object_set_member (object, "content", content);
  json_object_set_array_member (object, "events", write_events (value));
  return json_node_init_object (json_node_alloc (), object);
}

/* --- HTML --------------------------------------------------------------------------------------- */

static const char style[] =
    "body{font:11pt/1.45 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d1d20;background:#fff}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;"
    "margin-top:2rem;border-bottom:1px solid #ccc}h3{font-size:1rem;margin-bottom:.2rem}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.3rem 1rem;margin:.5rem 0}"
    "dt{color:#55555c}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}"
    "code{font:9.5pt monospace;overflow-wrap:anywhere}"
    ".flag{border-left:4px solid #c01c28;padding:.3rem .8rem;background:#fdeced}"
    ".event{break-inside:avoid;margin:1rem 0;padding-left:1rem;border-left:3px solid #99c1f1}"
    "footer{margin-top:3rem;color:#55555c;font-size:9pt}"
    "@media print{body{margin:0;max-width:none}a{color:inherit}}";

/* For markup, without what no HTML may hold. */
static char *
escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *out = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (character == '\n' || character == '\t')
        g_string_append_unichar (out, character);
      else if (g_unichar_type (character) == G_UNICODE_CONTROL ||
               (character >= 0x202a && character <= 0x202e) ||
               (character >= 0x2066 && character <= 0x2069))
        g_string_append (out, "\357\277\275");
      else if (character == '&')
        g_string_append (out, "&amp;");
      else if (character == '<')
        g_string_append (out, "&lt;");
      else if (character == '>')
        g_string_append (out, "&gt;");
      else if (character == '"')
        g_string_append (out, "&quot;");
      else if (character == '\'')
        g_string_append (out, "&#39;");
      else
        g_string_append_unichar (out, character);
    }
  return g_string_free_and_steal (out);
}

static void
add (GString *html, const char *before, const char *text, const char *after)
{
  g_autofree char *escaped = escape (text);

  g_string_append_printf (html, "%s%s%s", before, escaped, after);
}

static void
add_fact (GString *html, const char *name, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  add (html, "<dt>", name, "</dt>");
  add (html, "<dd dir=\"auto\">", text, "</dd>\n");
}

static void
add_person (GString *html, const char *name, const LwPerson *person)
{
  g_autofree char *text = NULL;

  if (person == NULL)
    return;
  text = g_strdup_printf ("%s (%s)", person_label (person),
                          person->upn != NULL ? person->upn : person->id);
  add_fact (html, name, text);
}

static void
add_evidence (GString *html, GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (list, i);
      g_autofree char *file =
          item->sha256 != NULL
              ? g_strdup_printf ("%s, %" G_GINT64_FORMAT " B, SHA-256 %s",
                                 item->name != NULL ? item->name : "", item->size, item->sha256)
              : NULL;

      add_fact (html, _ ("Evidence"), file != NULL ? file : item->link);
    }
}

static void
add_grants (GString *html, const LwRequest *request)
{
  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);
      g_autofree char *title = g_strdup_printf (_ ("Grant %u"), grant->n);
      g_autoptr (GString) references = g_string_new (NULL);

      for (guint k = 0; k < grant->references->len; k++)
        g_string_append_printf (references, "%s%s", k > 0 ? ", " : "",
                                (const char *) g_ptr_array_index (grant->references, k));
      add (html, "<h3>", title, "</h3>\n<dl>\n");
      add_fact (html, _ ("Policy"), grant->policy_name);
      add_fact (html, _ ("Assignment"), grant->assignment);
      add_fact (html, _ ("Definitions"), references->str);
      add_fact (html, _ ("Scope"), grant->scope);
      add_fact (html, _ ("Why so wide"), grant->why);
      g_string_append (html, "</dl>\n");
    }
}

static void
add_controls (GString *html, const LwRequest *request)
{
  for (guint i = 0; i < request->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (request->controls, i);
      g_autofree char *title =
          g_strdup_printf (_ ("Control %u: %s"), i + 1, control->kind != NULL ? control->kind : "");

      add (html, "<h3>", title, "</h3>\n<dl>\n");
      add_fact (html, _ ("Objective"), control->objective);
      add_fact (html, _ ("What is done"), control->definition);
      add_fact (html, _ ("Residual risk"), control->residual_risk);
      add_fact (html, _ ("How it is validated"), control->validation);
      add_fact (html, _ ("How it is kept up"), control->maintenance);
      add_person (html, _ ("Who checks it"), control->checked_by);
      add_fact (html, _ ("Next check"), control->next_check);
      add_evidence (html, control->evidence);
      g_string_append (html, "</dl>\n");
    }
}

static void
add_content (GString *html, const LwRequest *request)
{
  add (html, "<h2>", _ ("What is asked"), "</h2>\n<dl>\n");
  add_fact (html, _ ("Category"), request->category);
  add_person (html, _ ("Asks"), request->requester);
  add_person (html, _ ("Owns it"), request->owner);
  add_fact (html, _ ("Expires"), request->expires);
  add_fact (html, _ ("Ticket"), request->ticket);
  add_fact (html, _ ("What is blocked"), request->reason->blocker);
  add_fact (html, _ ("What the policy protects"), request->reason->control);
  add_fact (html, _ ("Why it cannot be met now"), request->reason->impractical);
  add_fact (html, _ ("How it ends"), request->reason->end_state);
  add_fact (html, _ ("Ends by"), request->reason->end_state_by);
  for (guint i = 0; i < request->remediation->len; i++)
    {
      const LwRemediation *step = g_ptr_array_index (request->remediation, i);
      g_autofree char *text =
          g_strdup_printf ("%s (%s) %s", step->step != NULL ? step->step : "",
                           step->by != NULL ? step->by : "", step->link != NULL ? step->link : "");

      add_fact (html, _ ("Step"), text);
    }
  add_evidence (html, request->evidence);
  g_string_append (html, "</dl>\n");
  add_grants (html, request);
  add_controls (html, request);
}

static void
add_results (GString *html, const LwEvent *event)
{
  JsonArray *grants = lw_json_get_array (event->body, "grants");

  for (guint i = 0; grants != NULL && i < json_array_get_length (grants); i++)
    {
      JsonObject *grant = lw_json_array_get_object (grants, i);
      JsonObject *exemption = lw_json_get_object (grant, "exemption");
      JsonObject *system = lw_json_get_object (exemption, "systemData");
      JsonObject *error = lw_json_get_object (grant, "error");

      if (exemption != NULL)
        {
          add_fact (html, _ ("Exemption"), lw_json_get_string (exemption, "id"));
          add_fact (html, _ ("Azure says it was written by"),
                    lw_json_get_string (system, "lastModifiedBy"));
          add_fact (html, _ ("Azure says it was written at"),
                    lw_json_get_string (system, "lastModifiedAt"));
        }
      if (error != NULL)
        {
          add_fact (html, _ ("Azure refused"), lw_json_get_string (error, "code"));
          add_fact (html, _ ("because"), lw_json_get_string (error, "message"));
        }
    }
}

static void
add_event (GString *html, const LwEvent *event)
{
  g_autofree char *at = lw_instant_format (event->at);
  g_autofree char *title = g_strdup_printf ("%u. %s", event->seq, lw_event_title (event));
  g_autoptr (GPtrArray) evidence =
      lw_evidence_list_from_json (lw_json_get_array (event->body, "evidence"));

  add (html, "<section class=\"event\"><h3>", title, "</h3>\n<dl>\n");
  add_fact (html, _ ("When"), at);
  add_person (html, _ ("Who"), event->by);
  add_fact (html, _ ("Comment"), lw_json_get_string (event->body, "comment"));
  add_fact (html, _ ("Text"), lw_json_get_string (event->body, "text"));
  add_fact (html, _ ("Digest of the content"), lw_json_get_string (event->body, "digest"));
  add_evidence (html, evidence);
  add_results (html, event);
  add_fact (html, _ ("SHA-256 of this entry"), event->sha256);
  add_fact (html, _ ("SHA-256 of the entry before"), event->prev);
  g_string_append (html, "</dl></section>\n");
}

char *
lw_case_report_to_html (LwCase *value, GDateTime *now)
{
  GString *html =
      g_string_new ("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                    "'none'; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n");
  const char *title = value->content != NULL && value->content->title != NULL
                          ? value->content->title
                          : _ ("Untitled request");
  g_autofree char *at = lw_instant_format (now);
  g_autofree char *footer = g_strdup_printf (
      _ ("The record of request %s, exported by Leeway at %s."), value->request_id, at);
  g_autofree char *votes =
      g_strdup_printf (_ ("%u of %u"), value->approvals_counting, value->approvals_needed);
  g_autofree char *revision = g_strdup_printf ("%u", value->revision);

  add (html, "<title>", title, "</title>\n<style>");
  g_string_append_printf (html, "%s</style></head>\n<body>\n", style);
  add (html, "<h1 dir=\"auto\">", title, "</h1>\n");
  for (guint i = 0; i < value->flags->len; i++)
    add (html, "<p class=\"flag\">", ((LwFlag *) g_ptr_array_index (value->flags, i))->message,
         "</p>\n");
  g_string_append (html, "<dl>\n");
  add_fact (html, _ ("Request"), value->request_id);
  add_fact (html, _ ("State"), lw_phase_to_string (value->phase));
  add_fact (html, _ ("Revision"), revision);
  add_fact (html, _ ("Approvals"), votes);
  add_fact (html, _ ("Digest in force"), value->digest);
  g_string_append (html, "</dl>\n");
  if (value->content != NULL)
    add_content (html, value->content);
  add (html, "<h2>", _ ("What happened"), "</h2>\n");
  for (guint i = 0; i < value->events->len; i++)
    add_event (html, g_ptr_array_index (value->events, i));
  add (html, "<footer>", footer, "</footer>\n</body></html>\n");
  return g_string_free_and_steal (html);
}
