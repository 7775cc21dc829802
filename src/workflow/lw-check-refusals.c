/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a policy of the tenant would refuse the exemptions that are asked for: found out before anybody
 * reviews them, and without the right to write them. */

#include "config.h"

#include "lw-grant-write.h"
#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

static gboolean
has_blocker (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    if (((LwFinding *) g_ptr_array_index (findings, i))->severity == LW_SEVERITY_BLOCKER)
      return TRUE;

  return FALSE;
}

/* (transfer full) (nullable): %NULL where there is nothing that could be asked about. */
static DexFuture *
ask (LwSession *session, const LwRequest *request, const LwGrant *grant)
{
  const LwPerson *person = lw_session_get_person (session);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autofree char *id = lw_grant_exemption_id (request, grant);
  g_autoptr (JsonNode) body =
      lw_grant_write (request, grant, 1, "", person->upn, now, now, NULL, NULL);

  return body ? lw_client_check_exemption (lw_session_get_client (session), id, body) : NULL;
}

static void
add_finding (GPtrArray *findings, guint grant, LwRestriction *restriction)
{
  g_autofree char *field = g_strdup_printf ("grants[%u].scope", grant);
  g_autofree char *policy = lw_arm_id_name (restriction->assignment_id);
  g_autofree char *message = g_strdup_printf (
      _ ("The policy “%s” would refuse this exemption itself: %s"), policy,
      restriction->reason && restriction->reason[0] ? restriction->reason : restriction->effect);

  g_ptr_array_add (findings,
                   lw_finding_new ("policy.refuses-exemption", LW_SEVERITY_WARNING, field, message,
                                   _ ("Ask whoever assigned that policy how exemptions have to "
                                      "look here, or whether this one may be created.")));
}

void
lw_check_refusals (LwSession *session, const LwRequest *request, GPtrArray *findings)
{
  g_autoptr (GPtrArray) futures = NULL;

  /* What is not complete yet would be refused for that alone. */
  if (has_blocker (findings))
    return;

  /* Each is owned by whoever awaits it. */
  futures = g_ptr_array_new ();
  for (guint i = 0; i < request->grants->len; i++)
    g_ptr_array_add (futures, ask (session, request, g_ptr_array_index (request->grants, i)));

  for (guint i = 0; i < futures->len; i++)
    {
      DexFuture *future = g_ptr_array_index (futures, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) found = future ? dex_await_boxed (future, &error) : NULL;

      /* Who may not ask, and a service that does not answer, are no reason to stop anybody. */
      if (error)
        g_debug ("Not known whether a policy refuses the exemption: %s", error->message);
      for (guint j = 0; found && j < found->len; j++)
        if (lw_restriction_refuses (g_ptr_array_index (found, j)))
          add_finding (findings, i, g_ptr_array_index (found, j));
    }
}
