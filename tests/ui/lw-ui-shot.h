/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-ui-test.h"

#include <string.h>

/*
 * A picture of what a test has on its screen, for people who look at it: in the folder
 * LEEWAY_UI_SHOTS, where that is set. LEEWAY_UI_DARK, LEEWAY_UI_RTL and LEEWAY_UI_WIDTH vary it.
 */

static inline int
lw_ui_shot_width (int width)
{
  const char *given = g_getenv ("LEEWAY_UI_WIDTH");

  return given ? (int) g_ascii_strtoll (given, NULL, 10) : width;
}

static inline void
lw_ui_shot_style (void)
{
  if (g_getenv ("LEEWAY_UI_DARK"))
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  if (g_getenv ("LEEWAY_UI_RTL"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
}

static inline gboolean
lw_ui_shot_late (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static inline void
lw_ui_shot (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("LEEWAY_UI_SHOTS");
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = NULL;
  gboolean late = FALSE;
  int width, height;

  if (!folder)
    return;

  g_timeout_add (700, lw_ui_shot_late, &late);
  while (!late)
    g_main_context_iteration (NULL, TRUE);
  width = gtk_widget_get_width (window);
  height = gtk_widget_get_height (window);
  paintable = gtk_widget_paintable_new (window);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  path = g_strdup_printf ("%s/%s.png", folder, name);
  gdk_texture_save_to_png (texture, path);
}
