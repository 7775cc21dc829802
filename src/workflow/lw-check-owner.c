/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether the owner is still somebody who can answer for the exemption. */

#include "config.h"

#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

static void
add (GPtrArray *findings, const char *id, char *message)
{
  g_autofree char *owned = message;

  g_ptr_array_add (findings,
                   lw_finding_new (id, LW_SEVERITY_WARNING, "owner", owned,
                                   _ ("Choose somebody who will see to the remediation.")));
}

void
lw_check_owner (LwSession *session, const LwRequest *request, GPtrArray *findings)
{
  const LwPerson *owner = request->owner;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;
  LwDirectoryPerson *person;
  const char *name;

  if (!owner || !owner->id || !g_uuid_string_is_valid (owner->id))
    return;

  found =
      dex_await_boxed (lw_client_get_person (lw_session_get_client (session), owner->id), &error);
  /* A sign-in that may not look people up, or a directory that is away, says nothing about them. */
  if (!found)
    {
      g_debug ("Not known whether the owner is there: %s", error->message);
      return;
    }
  name = owner->name && owner->name[0] ? owner->name : owner->id;
  if (found->len == 0)
    {
      add (findings, "owner.gone",
           g_strdup_printf (_ ("The directory no longer knows %s, the owner"), name));
      return;
    }
  person = g_ptr_array_index (found, 0);
  if (person->enabled == 0)
    add (findings, "owner.disabled",
         g_strdup_printf (_ ("The account of %s, the owner, is disabled"), name));
}
