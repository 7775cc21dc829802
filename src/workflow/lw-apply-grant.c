/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-apply-private.h"
#include "lw-domain-error.h"
#include "lw-fault-point.h"
#include "lw-json.h"

#include <glib/gi18n-lib.h>

gboolean
lw_apply_read (LwApply *apply, LwGrant *grant, LwExemption **existing, GError **error)
{
  LwClient *client = lw_session_get_client (apply->session);
  g_autofree char *id = lw_grant_exemption_id (apply->value->content, grant);
  g_autoptr (GError) local_error = NULL;

  *existing = dex_await_boxed (lw_client_get_exemption (client, id), &local_error);
  if (*existing || g_error_matches (local_error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

JsonNode *
lw_apply_write (LwApply *apply, LwGrant *grant, LwExemption *existing, GError **error)
{
  LwCase *value = apply->value;
  g_autoptr (GDateTime) now = lw_session_now (apply->session);
  g_autofree char *approved_by = lw_case_approved_by (value);
  GDateTime *approved_on = lw_case_approved_on (value);
  GDateTime *first_granted = existing ? existing->first_granted : NULL;

  if (!approved_on)
    approved_on = now;

  return lw_grant_write (value->content, grant, value->revision, value->digest, approved_by,
                         approved_on, first_granted ? first_granted : approved_on, existing, error);
}

/* One grant on its way. */
typedef struct
{
  LwApply *apply;
  LwGrant *grant;
  JsonObject *planned;
  char *id;
} Step;

static void
step_clear (Step *step)
{
  g_free (step->id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Step, step_clear)

static JsonObject *
add_answer (Step *step)
{
  JsonObject *answer = json_object_new ();
  g_autoptr (GDateTime) now = lw_session_now (step->apply->session);
  g_autofree char *at = lw_instant_format (now);

  json_object_set_int_member (answer, "n", step->grant->n);
  json_object_set_string_member (answer, "id", step->id);
  json_object_set_string_member (answer, "at", at);
  json_array_add_object_element (step->apply->answers, answer);

  return answer;
}

static void
note_applied (Step *step, LwExemption *exemption)
{
  json_object_set_member (add_answer (step), "exemption", lw_exemption_to_json (exemption));
}

static void
note_error (Step *step, const char *code, const char *message, const char *request_id)
{
  JsonObject *error = json_object_new ();

  lw_json_set_string (error, "code", code);
  lw_json_set_string (error, "message", message);
  lw_json_set_string (error, "requestId", request_id);
  json_object_set_object_member (add_answer (step), "error", error);
}

/* Whether Azure could not be asked at all; what it refused is about this grant only. */
static gboolean
is_outage (const GError *error)
{
  if (error->domain != LW_AZURE_ERROR)
    return error->domain != LW_DOMAIN_ERROR;

  switch ((LwAzureError) error->code)
    {
    case LW_AZURE_ERROR_SIGN_IN:
    case LW_AZURE_ERROR_NETWORK:
    case LW_AZURE_ERROR_TLS:
    case LW_AZURE_ERROR_HOST:
    case LW_AZURE_ERROR_TIMED_OUT:
    case LW_AZURE_ERROR_KEYRING_LOCKED:
    case LW_AZURE_ERROR_KEYRING_MISSING:
    case LW_AZURE_ERROR_KEYRING_REFUSED:
    case LW_AZURE_ERROR_CANCELLED:
      return TRUE;
    case LW_AZURE_ERROR_FORBIDDEN:
    case LW_AZURE_ERROR_NOT_FOUND:
    case LW_AZURE_ERROR_CONFLICT:
    case LW_AZURE_ERROR_INVALID:
    case LW_AZURE_ERROR_THROTTLED:
    case LW_AZURE_ERROR_SERVER:
    case LW_AZURE_ERROR_PROTOCOL:
    case LW_AZURE_ERROR_TOO_LARGE:
    case LW_AZURE_ERROR_PROFILE:
    default:
      return FALSE;
    }
}

/* Takes @error. */
static void
note_failure (Step *step, GError *error)
{
  LwApply *apply = step->apply;
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  const char *code = details ? details->code : NULL;
  const char *message = details && details->message ? details->message : error->message;

  if (!code)
    code = is_outage (error) ? "Unreachable" : "Refused";
  note_error (step, code, message, details ? details->request_id : NULL);

  if (is_outage (error) && !apply->outage)
    apply->outage = g_steal_pointer (&error);
  else if (!apply->refusal)
    apply->refusal = g_steal_pointer (&error);
  g_clear_error (&error);
}

/* Whether nobody changed the exemption since the applying event told how it was. */
static gboolean
is_unchanged (Step *step, LwExemption *existing)
{
  JsonObject *before = lw_json_get_object (step->planned, "before");
  JsonObject *was = lw_json_get_object (before, "systemData");
  JsonObject *is = lw_json_get_object (existing->json, "systemData");

  return before && g_strcmp0 (lw_json_get_string (was, "lastModifiedAt"),
                              lw_json_get_string (is, "lastModifiedAt")) == 0;
}

/* Faults after which the PUT may have been done although its answer was lost. */
static gboolean
may_have_arrived (const GError *error)
{
  return is_outage (error) || g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
}

/* What is in Azure afterwards. Awaits. (transfer full) (nullable) */
static LwExemption *
put (Step *step, gboolean exists, JsonNode *body, GError **error)
{
  LwClient *client = lw_session_get_client (step->apply->session);
  g_autoptr (LwExemption) written = NULL;
  g_autoptr (GError) local_error = NULL;

  LW_FAULT_POINT (APPLY_PUTTING);
  written =
      dex_await_boxed (lw_client_put_exemption (client, step->id, body, exists), &local_error);
  LW_FAULT_POINT (APPLY_PUT);
  if (written)
    return g_steal_pointer (&written);

  if (may_have_arrived (local_error) && lw_apply_read (step->apply, step->grant, &written, NULL) &&
      written && lw_grant_is_applied (written, body))
    return g_steal_pointer (&written);

  g_propagate_error (error, g_steal_pointer (&local_error));

  return NULL;
}

/* Awaits. (transfer full) (nullable) */
static LwExemption *
apply_step (Step *step, GError **error)
{
  g_autoptr (LwExemption) existing = NULL;
  g_autoptr (JsonNode) body = NULL;

  if (!lw_apply_read (step->apply, step->grant, &existing, error) ||
      !(body = lw_apply_write (step->apply, step->grant, existing, error)))
    return NULL;

  if (existing && lw_grant_is_applied (existing, body))
    return g_steal_pointer (&existing);
  if (step->apply->changed)
    {
      g_propagate_error (error, g_error_copy (step->apply->changed));
      return NULL;
    }

  if (existing && !is_unchanged (step, existing))
    {
      g_set_error (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
          _ ("Somebody has changed the exemption “%s” in Azure a moment ago. Look at it, then "
             "apply again"),
          existing->display_name);
      return NULL;
    }

  return put (step, existing != NULL, body, error);
}

void
lw_apply_grant (LwApply *apply, JsonObject *planned)
{
  g_auto (Step) step = { .apply = apply, .planned = planned };
  g_autoptr (LwExemption) exemption = NULL;
  g_autoptr (GError) error = NULL;

  step.grant =
      lw_request_get_grant (apply->value->content, (guint) lw_json_get_int (planned, "n", 0));
  g_return_if_fail (step.grant != NULL);
  step.id = lw_grant_exemption_id (apply->value->content, step.grant);

  if (apply->outage)
    note_error (&step, "NotTried", _ ("Not tried, since Azure could not be reached"), NULL);
  else if ((exemption = apply_step (&step, &error)))
    note_applied (&step, exemption);
  else
    note_failure (&step, g_steal_pointer (&error));
}
