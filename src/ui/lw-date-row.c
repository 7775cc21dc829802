/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-date-row.h"

#include <glib/gi18n-lib.h>

#include "lw-request.h"
#include "lw-widgets.h"

struct _LwDateRow
{
  LwFieldRow parent_instance;

  GtkEntry *text;
  GtkLabel *relative;
  GtkMenuButton *button;
  GtkCalendar *calendar;
  GDateTime *now;
  char *value;
  gboolean with_time;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (LwDateRow, lw_date_row, LW_TYPE_FIELD_ROW)

static GDateTime *
value_as_time (LwDateRow *self)
{
  g_autoptr (GDateTime) utc = NULL;

  if (self->value == NULL)
    return NULL;
  if (self->with_time)
    {
      utc = lw_instant_parse (self->value, NULL);
      return utc != NULL ? g_date_time_to_local (utc) : NULL;
    }
  if (!lw_day_is_valid (self->value))
    return NULL;
  return g_date_time_new_local (atoi (self->value), atoi (self->value + 5), atoi (self->value + 8),
                                12, 0, 0);
}

static void
show_relative (LwDateRow *self)
{
  g_autoptr (GDateTime) when = value_as_time (self);
  g_autoptr (GDateTime) now =
      self->now != NULL ? g_date_time_ref (self->now) : g_date_time_new_now_utc ();
  g_autofree char *relative = NULL;
  g_autofree char *exact = NULL;

  if (when != NULL)
    {
      relative = lw_date_relative (when, now);
      exact = self->with_time ? lw_date_exact (when) : lw_date_day (when);
    }
  gtk_label_set_text (self->relative, relative != NULL ? relative : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->relative), exact);
  if (when != NULL)
    gtk_calendar_select_day (self->calendar, when);
}

/* What stands in the entry for the value: the day, and the hour where it is not the day's end. */
static char *
value_as_text (LwDateRow *self)
{
  g_autoptr (GDateTime) when = value_as_time (self);

  if (when == NULL)
    return g_strdup (self->value != NULL ? self->value : "");
  if (!self->with_time ||
      (g_date_time_get_hour (when) == 23 && g_date_time_get_minute (when) == 59))
    return g_date_time_format (when, "%Y-%m-%d");
  return g_date_time_format (when, "%Y-%m-%d %H:%M");
}

/* Reads the entry into the value. */
static void
take_text (LwDateRow *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->text));
  gboolean has_time;
  g_autoptr (GDateTime) when = lw_date_parse (typed, self->now, &has_time);

  g_clear_pointer (&self->value, g_free);
  if (when == NULL)
    {
      g_autofree char *copy = g_strstrip (g_strdup (typed));

      self->value = *copy != '\0' ? g_steal_pointer (&copy) : NULL;
    }
  else if (!self->with_time)
    self->value = g_date_time_format (when, "%Y-%m-%d");
  else if (has_time)
    {
      g_autoptr (GDateTime) utc = g_date_time_to_utc (when);

      self->value = lw_instant_format (utc);
    }
  else
    self->value = lw_date_end_of_day (when);
}

static void
text_changed (LwDateRow *self)
{
  if (self->setting)
    return;
  take_text (self);
  show_relative (self);
  lw_field_row_emit_changed (LW_FIELD_ROW (self));
}

static void
show_value (LwDateRow *self)
{
  g_autofree char *text = value_as_text (self);

  self->setting = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->text), text);
  self->setting = FALSE;
  show_relative (self);
}

/* What was typed is written in the one form when the field is left. */
static void
left (LwDateRow *self)
{
  show_value (self);
}

static void
day_selected (LwDateRow *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autofree char *text = g_date_time_format (day, "%Y-%m-%d");

  if (!gtk_widget_get_mapped (GTK_WIDGET (self->calendar)))
    return;
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->text)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->text), text);
}

void
lw_date_row_set_with_time (LwDateRow *self, gboolean with_time)
{
  g_return_if_fail (LW_IS_DATE_ROW (self));
  self->with_time = with_time;
}

void
lw_date_row_set_now (LwDateRow *self, GDateTime *now)
{
  g_return_if_fail (LW_IS_DATE_ROW (self));
  g_clear_pointer (&self->now, g_date_time_unref);
  self->now = now != NULL ? g_date_time_ref (now) : NULL;
  show_relative (self);
}

void
lw_date_row_set_value (LwDateRow *self, const char *value)
{
  g_return_if_fail (LW_IS_DATE_ROW (self));
  if (g_strcmp0 (self->value, value) == 0)
    return;
  g_set_str (&self->value, value);
  show_value (self);
}

char *
lw_date_row_get_value (LwDateRow *self)
{
  g_return_val_if_fail (LW_IS_DATE_ROW (self), NULL);
  return g_strdup (self->value);
}

static void
lw_date_row_finalize (GObject *object)
{
  LwDateRow *self = LW_DATE_ROW (object);

  g_clear_pointer (&self->now, g_date_time_unref);
  g_clear_pointer (&self->value, g_free);
  G_OBJECT_CLASS (lw_date_row_parent_class)->finalize (object);
}

static gboolean
lw_date_row_is_answered (LwFieldRow *row)
{
  return LW_DATE_ROW (row)->value != NULL;
}

static void
lw_date_row_class_init (LwDateRowClass *klass)
{
  LW_FIELD_ROW_CLASS (klass)->is_answered = lw_date_row_is_answered;
  G_OBJECT_CLASS (klass)->finalize = lw_date_row_finalize;
}

static void
lw_date_row_init (LwDateRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *popover = gtk_popover_new ();

  self->text = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->text, _ ("YYYY-MM-DD"));
  gtk_entry_set_has_frame (self->text, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "lw-plain");
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  self->relative = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->relative), "dim-label");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->relative));
  lw_field_row_set_editor (LW_FIELD_ROW (self), box, GTK_WIDGET (self->text));

  self->calendar = GTK_CALENDAR (gtk_calendar_new ());
  gtk_popover_set_child (GTK_POPOVER (popover), GTK_WIDGET (self->calendar));
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_icon_name (self->button, "lw-calendar-symbolic");
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), _ ("Choose in a Calendar"));
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  lw_field_row_add_suffix (LW_FIELD_ROW (self), GTK_WIDGET (self->button));
  g_signal_connect_swapped (self->text, "changed", G_CALLBACK (text_changed), self);
  g_signal_connect_swapped (self->calendar, "day-selected", G_CALLBACK (day_selected), self);
  g_signal_connect (self, "left", G_CALLBACK (left), NULL);
}

GtkWidget *
lw_date_row_new (const char *caption)
{
  LwDateRow *self = g_object_new (LW_TYPE_DATE_ROW, NULL);
  g_autofree char *label = g_strdup_printf (_ ("%s, choose in a calendar"), caption);

  lw_field_row_set_caption (LW_FIELD_ROW (self), caption);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  caption, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  return GTK_WIDGET (self);
}
