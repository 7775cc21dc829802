/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Which api-versions a cloud knows. Resource Manager refuses others before anything is done, with one of
 *
 *   NoRegisteredProviderFound: No registered resource provider found for location '…' and API version
 *     '…' for type '…'. The supported api-versions are 'A, B'. The supported locations are '…'.
 *   InvalidResourceType: The resource type '…' could not be found in the namespace '…' for api version
 *     '…'. The supported api-versions are 'A,B'.
 *   InvalidApiVersionParameter: The api-version '…' is invalid. The supported versions are 'A,B'.
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"

/* Published ones, oldest first: tried in turn where a refusal lists none. */
static const char *const exemptions[] = { "2020-07-01-preview", "2022-07-01-preview",
                                          "2024-12-01-preview", "2025-12-01-preview",
                                          "2026-01-01-preview", NULL };
static const char *const assignments[] = { "2021-06-01", "2022-06-01", "2023-04-01", "2024-04-01",
                                           "2024-05-01", "2025-03-01", "2025-11-01", "2026-06-01",
                                           "2026-07-01", NULL };
static const char *const definitions[] = { "2021-06-01", "2023-04-01", "2024-05-01",
                                           "2025-03-01", "2025-11-01", NULL };

static const char *const *const published[LW_N_APIS] = {
  [LW_API_EXEMPTIONS] = exemptions,
  [LW_API_EXEMPTIONS_CREATE] = exemptions,
  [LW_API_ASSIGNMENTS] = assignments,
  [LW_API_DEFINITIONS] = definitions,
};

gboolean
lw_error_is_version (const GError *error)
{
  static const char *const codes[] = { "NoRegisteredProviderFound",  "InvalidResourceType",
                                       "InvalidApiVersionParameter", "UnsupportedApiVersion",
                                       "InvalidApiVersion",          NULL };
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return details != NULL && details->code != NULL && g_strv_contains (codes, details->code);
}

static int
compare_versions (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
lw_versions_in_message (const char *message)
{
  static const char marker[] = "versions are '";
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  const char *start = message != NULL ? strstr (message, marker) : NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) words = NULL;

  if (start == NULL)
    return g_new0 (char *, 1);
  start += strlen (marker);
  list = g_strndup (start, strcspn (start, "'"));
  words = g_strsplit_set (list, ", ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      if (lw_is_api_version (words[i]))
        g_ptr_array_add (found, g_strdup (words[i]));
    }
  g_ptr_array_sort (found, compare_versions);
  g_ptr_array_add (found, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

char *
lw_version_instead (LwApi api, const char *version, const char *const *offered)
{
  gboolean listed = offered != NULL && offered[0] != NULL;
  const char *const *list = listed ? offered : published[api];
  const char *before = NULL;
  const char *after = NULL;

  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strcmp (list[i], version) < 0)
        before = list[i];
      else if (strcmp (list[i], version) > 0 && after == NULL)
        after = list[i];
    }
  /* Newer ones than that are tried only where Azure itself names them: there is no way back. */
  return g_strdup (before != NULL ? before : listed ? after : NULL);
}

static const char *
own_version (LwClient *self, LwApi api)
{
  switch (api)
    {
    case LW_API_EXEMPTIONS:
      return self->cloud->exemptions_newest;
    case LW_API_EXEMPTIONS_CREATE:
      return self->cloud->exemptions_create;
    case LW_API_ASSIGNMENTS:
      return self->cloud->assignments;
    case LW_API_DEFINITIONS:
    case LW_API_FIXED:
    default:
      return self->cloud->definitions;
    }
}

const char *
lw_client_version (LwClient *self, LwApi api)
{
  g_return_val_if_fail (api < LW_N_APIS, NULL);

  return self->versions[api] != NULL ? self->versions[api] : own_version (self, api);
}

gboolean
lw_client_reads_older (LwClient *self)
{
  return strcmp (lw_client_version (self, LW_API_EXEMPTIONS),
                 own_version (self, LW_API_EXEMPTIONS)) < 0;
}

static char *
older_message (LwClient *self)
{
  return g_strdup_printf (
      _ ("This cloud does not know version %s of policy exemptions. They are read and written by "
         "version %s, which neither shows nor keeps what only newer versions know. The profile’s "
         "“apiVersions” can name the version to use."),
      own_version (self, LW_API_EXEMPTIONS), lw_client_version (self, LW_API_EXEMPTIONS));
}

gboolean
lw_client_change_version (LwClient *self, LwApi api, const char *used, const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  g_auto (GStrv) offered = lw_versions_in_message (details != NULL ? details->message : NULL);
  g_autofree char *instead = NULL;

  /* Another call found it out in the meantime. */
  if (!g_str_equal (used, lw_client_version (self, api)))
    return TRUE;
  instead = lw_version_instead (api, used, (const char *const *) offered);
  if (instead == NULL)
    return FALSE;
  g_debug ("This cloud does not know api-version %s; %s is used", used, instead);
  g_set_str (&self->versions[api], instead);
  if (api == LW_API_EXEMPTIONS && lw_client_reads_older (self))
    {
      g_autofree char *message = older_message (self);

      lw_client_add_notice (self, "api-version.exemptions", message);
    }
  return TRUE;
}

gboolean
lw_client_may_overwrite (LwClient *self, GError **error)
{
  g_autofree char *message = NULL;

  g_return_val_if_fail (LW_IS_CLIENT (self), FALSE);

  if (self->older_is_accepted || !lw_client_reads_older (self))
    return TRUE;
  message = older_message (self);
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_OLDER_VERSION, message);
  return FALSE;
}

void
lw_client_accept_older (LwClient *self)
{
  g_return_if_fail (LW_IS_CLIENT (self));

  self->older_is_accepted = TRUE;
}
