/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ui.h"

#include "lw-ui-resources.h"

void
lw_ui_init (void)
{
  static gboolean done = FALSE;
  g_autoptr (GtkCssProvider) provider = NULL;
  GdkDisplay *display;

  if (done)
    return;
  done = TRUE;
  adw_init ();
  g_resources_register (lw_ui_get_resource ());
  display = gdk_display_get_default ();
  if (display == NULL)
    return;
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), LW_RESOURCES "icons");
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, LW_RESOURCES "style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}
