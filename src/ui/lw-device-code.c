/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-device-code.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

struct _LwDeviceCodeView
{
  AdwBin parent_instance;

  AdwStatusPage *page;
  GtkLabel *code;
  GtkLabel *left;
  GtkWidget *open;
  char *uri;
  gint64 expires_at;
  guint ticking;
};

static guint cancelled_signal;

G_DEFINE_FINAL_TYPE (LwDeviceCodeView, lw_device_code_view, ADW_TYPE_BIN)

char *
lw_time_left (gint64 seconds)
{
  guint minutes = (guint) (MAX (seconds, 0) / 60);
  guint rest = (guint) (MAX (seconds, 0) % 60);

  if (minutes >= 120)
    return g_strdup_printf (ngettext ("%u hour", "%u hours", minutes / 60), minutes / 60);
  if (minutes > 0)
    /* Translators: minutes and seconds, as on a clock: 14:05 */
    return g_strdup_printf (_ ("%u:%02u minutes"), minutes, rest);
  return g_strdup_printf (ngettext ("%u second", "%u seconds", rest), rest);
}

static gboolean
tick (gpointer data)
{
  LwDeviceCodeView *self = data;
  gint64 left = self->expires_at - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *time = lw_time_left (left);
  g_autofree char *text = NULL;

  text = left > 0 ? g_strdup_printf (_ ("Good for %s more"), time)
                  : g_strdup (_ ("The code has expired"));
  gtk_label_set_text (self->left, text);
  if (left > 0)
    return G_SOURCE_CONTINUE;
  self->ticking = 0;
  return G_SOURCE_REMOVE;
}

void
lw_device_code_view_stop (LwDeviceCodeView *self)
{
  g_return_if_fail (LW_IS_DEVICE_CODE_VIEW (self));
  g_clear_handle_id (&self->ticking, g_source_remove);
}

/* "ABCD-EFGH" one sign at a time, as a screen reader should say it. (transfer full) */
static char *
spelled (const char *code)
{
  GString *text = g_string_new (NULL);

  for (const char *p = code; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append_unichar (text, g_utf8_get_char (p));
    }
  return g_string_free (text, FALSE);
}

void
lw_device_code_view_show (LwDeviceCodeView *self,
                          const char *uri,
                          const char *code,
                          gint64 expires_at)
{
  g_autofree char *description = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *letters = NULL;
  g_autofree char *announced = NULL;

  g_return_if_fail (LW_IS_DEVICE_CODE_VIEW (self));
  lw_device_code_view_stop (self);
  g_set_str (&self->uri, uri);
  self->expires_at = expires_at;
  description = g_strdup_printf (_ ("Open %s in a browser, on this or another device, and enter "
                                    "the code there. Leeway goes on "
                                    "by itself when you are done."),
                                 uri);
  escaped = g_markup_escape_text (description, -1);
  adw_status_page_set_description (self->page, escaped);
  gtk_label_set_text (self->code, code);
  letters = spelled (code);
  announced = g_strdup_printf (_ ("The code is %s"), letters);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->code), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  letters, -1);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), announced,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (tick (self))
    self->ticking = g_timeout_add_seconds (1, tick, self);
  gtk_widget_grab_focus (self->open);
}

static void
copy_clicked (LwDeviceCodeView *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (self->code));
  lw_toast (GTK_WIDGET (self), _ ("Code copied"));
}

static void
launched (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LwDeviceCodeView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (object), result, &error) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;
  lw_toast (GTK_WIDGET (self), _ ("No browser could be opened. Open the page on any device."));
}

static void
open_clicked (LwDeviceCodeView *self)
{
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (self->uri);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_uri_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                           launched, g_object_ref (self));
}

static void
cancel_clicked (LwDeviceCodeView *self)
{
  g_signal_emit (self, cancelled_signal, 0);
}

static void
lw_device_code_view_dispose (GObject *object)
{
  LwDeviceCodeView *self = LW_DEVICE_CODE_VIEW (object);

  lw_device_code_view_stop (self);
  g_clear_pointer (&self->uri, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_DEVICE_CODE_VIEW);
  G_OBJECT_CLASS (lw_device_code_view_parent_class)->dispose (object);
}

static void
lw_device_code_view_class_init (LwDeviceCodeViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_device_code_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-device-code.ui");
  gtk_widget_class_bind_template_child (widget_class, LwDeviceCodeView, page);
  gtk_widget_class_bind_template_child (widget_class, LwDeviceCodeView, code);
  gtk_widget_class_bind_template_child (widget_class, LwDeviceCodeView, left);
  gtk_widget_class_bind_template_child (widget_class, LwDeviceCodeView, open);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, open_clicked);
  gtk_widget_class_bind_template_callback (widget_class, cancel_clicked);
  cancelled_signal = g_signal_new ("cancelled", LW_TYPE_DEVICE_CODE_VIEW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_device_code_view_init (LwDeviceCodeView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
lw_device_code_view_new (void)
{
  return g_object_new (LW_TYPE_DEVICE_CODE_VIEW, NULL);
}
