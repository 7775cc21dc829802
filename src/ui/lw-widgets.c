/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-widgets.h"

#include <glib/gi18n-lib.h>

#include "lw-arm-id.h"
#include "lw-request.h"

static const char *const pill_styles[] = { "neutral", "accent", "success", "warning", "error" };

GtkWidget *
lw_pill_new (const char *text, const char *style)
{
  GtkWidget *pill = gtk_label_new (NULL);

  gtk_label_set_single_line_mode (GTK_LABEL (pill), TRUE);
  gtk_widget_set_valign (pill, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (pill, GTK_ALIGN_START);
  gtk_widget_add_css_class (pill, "lw-pill");
  lw_pill_set (pill, text, style);
  return pill;
}

void
lw_pill_set (GtkWidget *pill, const char *text, const char *style)
{
  g_return_if_fail (GTK_IS_LABEL (pill));
  gtk_label_set_text (GTK_LABEL (pill), text != NULL ? text : "");
  for (guint i = 0; i < G_N_ELEMENTS (pill_styles); i++)
    {
      if (g_strcmp0 (style, pill_styles[i]) == 0)
        gtk_widget_add_css_class (pill, pill_styles[i]);
      else
        gtk_widget_remove_css_class (pill, pill_styles[i]);
    }
}

void
lw_toast (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast;

  gtk_accessible_announce (GTK_ACCESSIBLE (widget), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (overlay == NULL)
    return;
  toast = adw_toast_new ("");
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

void
lw_button_set_name (GtkWidget *button, const char *name)
{
  /* Its own label would win over the name. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* Longer names must be allowed to break somewhere. */
#define UNBROKEN_MAX 28

void
lw_label_set_unbroken (GtkLabel *label, const char *text)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoAttribute *no_hyphens = pango_attr_insert_hyphens_new (FALSE);
  const char *at = text != NULL ? text : "";

  pango_attr_list_insert (attributes, no_hyphens);
  gtk_label_set_text (label, at);
  while (*at != '\0')
    {
      gsize length = strcspn (at, " \t\n");

      if (length <= UNBROKEN_MAX && memchr (at, '-', length) != NULL)
        {
          PangoAttribute *whole = pango_attr_allow_breaks_new (FALSE);

          whole->start_index = at - text;
          whole->end_index = whole->start_index + length;
          pango_attr_list_insert (attributes, whole);
        }
      at += length;
      at += strspn (at, " \t\n");
    }
  gtk_label_set_attributes (label, attributes);
}

/* A day, as the calendar counts: how many midnights lie between two instants in local time. */
static int
days_between (GDateTime *from, GDateTime *to)
{
  g_autoptr (GDateTime) a = g_date_time_to_local (from);
  g_autoptr (GDateTime) b = g_date_time_to_local (to);
  GDate first, second;

  g_date_set_dmy (&first, g_date_time_get_day_of_month (a), g_date_time_get_month (a),
                  g_date_time_get_year (a));
  g_date_set_dmy (&second, g_date_time_get_day_of_month (b), g_date_time_get_month (b),
                  g_date_time_get_year (b));
  return g_date_days_between (&first, &second);
}

char *
lw_date_relative (GDateTime *when, GDateTime *now)
{
  gint64 seconds;
  int days;

  g_return_val_if_fail (when != NULL && now != NULL, NULL);
  seconds = g_date_time_difference (when, now) / G_TIME_SPAN_SECOND;
  days = days_between (now, when);
  if (ABS (seconds) < 60)
    return g_strdup (_ ("just now"));
  if (ABS (seconds) < 3600)
    {
      guint n = (guint) (ABS (seconds) / 60);

      return seconds > 0 ? g_strdup_printf (ngettext ("in %u minute", "in %u minutes", n), n)
                         : g_strdup_printf (ngettext ("%u minute ago", "%u minutes ago", n), n);
    }
  if (ABS (seconds) < 12 * 3600 || days == 0)
    {
      guint n = (guint) (ABS (seconds) / 3600);

      return seconds > 0 ? g_strdup_printf (ngettext ("in %u hour", "in %u hours", n), n)
                         : g_strdup_printf (ngettext ("%u hour ago", "%u hours ago", n), n);
    }
  if (days == 1)
    return g_strdup (_ ("tomorrow"));
  if (days == -1)
    return g_strdup (_ ("yesterday"));
  if (days > 0)
    return g_strdup_printf (ngettext ("in %d day", "in %d days", days), days);
  return g_strdup_printf (ngettext ("%d day ago", "%d days ago", -days), -days);
}

char *
lw_date_exact (GDateTime *when)
{
  g_autoptr (GDateTime) local = NULL;

  g_return_val_if_fail (when != NULL, NULL);
  local = g_date_time_to_local (when);
  /* Translators: a date with the time of day and its zone, see g_date_time_format() */
  return g_date_time_format (local, _ ("%-d %B %Y, %H:%M %Z"));
}

char *
lw_date_day (GDateTime *when)
{
  g_autoptr (GDateTime) local = NULL;

  g_return_val_if_fail (when != NULL, NULL);
  local = g_date_time_to_local (when);
  /* Translators: a day in full, see g_date_time_format() */
  return g_date_time_format (local, _ ("%-d %B %Y"));
}

char *
lw_date_day_of (const char *day)
{
  g_autoptr (GDateTime) noon = NULL;

  if (day == NULL || !lw_day_is_valid (day))
    return g_strdup (day);
  noon = g_date_time_new_local (atoi (day), atoi (day + 5), atoi (day + 8), 12, 0, 0);
  return noon != NULL ? lw_date_day (noon) : g_strdup (day);
}

char *
lw_scope_title (const char *scope)
{
  g_autofree char *name = lw_arm_id_name (scope != NULL ? scope : "");

  switch (lw_scope_kind (scope != NULL ? scope : ""))
    {
    case LW_SCOPE_RESOURCE_GROUP:
      return g_strdup_printf (_ ("Resource group %s"), name);
    case LW_SCOPE_SUBSCRIPTION:
      return g_strdup_printf (_ ("Subscription %s"), name);
    case LW_SCOPE_MANAGEMENT_GROUP:
      return g_strdup_printf (_ ("Management group %s"), name);
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return g_steal_pointer (&name);
    }
}

const char *
lw_scope_icon (const char *scope)
{
  switch (lw_scope_kind (scope != NULL ? scope : ""))
    {
    case LW_SCOPE_RESOURCE_GROUP:
      return "lw-resource-group-symbolic";
    case LW_SCOPE_SUBSCRIPTION:
      return "lw-subscription-symbolic";
    case LW_SCOPE_MANAGEMENT_GROUP:
      return "lw-management-group-symbolic";
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return "lw-resource-symbolic";
    }
}

static const struct
{
  const char *kind;
  const char *title;
  const char *icon;
} control_kinds[] = {
  { "network-boundary", N_ ("Network boundary"), "lw-globe-symbolic" },
  { "access-restriction", N_ ("Access restriction"), "lw-key-symbolic" },
  { "monitoring", N_ ("Monitoring and alerting"), "view-reveal-symbolic" },
  { "manual-review", N_ ("Manual review"), "lw-review-symbolic" },
  { "reduced-exposure", N_ ("Reduced exposure"), "lw-shield-symbolic" },
  { "data-handling", N_ ("Data handling"), "lw-data-symbolic" },
  { "other", N_ ("Other"), "lw-resource-symbolic" },
};

const char *
lw_control_kind_title (const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (control_kinds); i++)
    if (g_strcmp0 (kind, control_kinds[i].kind) == 0)
      return _ (control_kinds[i].title);
  return kind != NULL ? kind : "";
}

const char *
lw_control_kind_icon (const char *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (control_kinds); i++)
    if (g_strcmp0 (kind, control_kinds[i].kind) == 0)
      return control_kinds[i].icon;
  return "lw-resource-symbolic";
}
