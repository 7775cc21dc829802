/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-clock.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#define TOLERANCE_S 300 /* what Entra and certificates forgive */

static gint64 skew;

void
lw_clock_note (const char *date)
{
  g_autoptr (GDateTime) theirs = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  if (theirs != NULL)
    skew = g_get_real_time () / G_USEC_PER_SEC - g_date_time_to_unix (theirs);
}

gint64
lw_clock_get_skew (void)
{
  return skew;
}

/* Minutes, hours or days, whichever is said with a small number. */
static char *
span (gint64 seconds)
{
  if (seconds >= 2 * 24 * 3600)
    {
      guint days = (guint) MIN (seconds / (24 * 3600), 1000000);

      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u day", "%u days", days), days);
    }
  if (seconds >= 2 * 3600)
    {
      guint hours = (guint) (seconds / 3600);

      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u hour", "%u hours", hours), hours);
    }
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u minute", "%u minutes", (gulong) (seconds / 60)),
      (guint) (seconds / 60));
}

char *
lw_clock_complaint (void)
{
  g_autofree char *off = NULL;

  if (ABS (skew) <= TOLERANCE_S)
    return NULL;
  off = span (ABS (skew));
  return g_strdup_printf (skew < 0
                              /* Translators: %s is a span such as "12 minutes". */
                              ? _ ("This machine's clock is %s behind the server's. Set it right "
                                   "and try again.")
                              : _ ("This machine's clock is %s ahead of the server's. Set it right "
                                   "and try again."),
                          off);
}

char *
lw_clock_with_complaint (const char *text)
{
  g_autofree char *complaint = lw_clock_complaint ();

  return complaint != NULL ? g_strdup_printf ("%s %s", text, complaint) : g_strdup (text);
}
