/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-exemption-dialog.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-decision-words.h"
#include "lw-exemption-values.h"
#include "lw-json.h"
#include "lw-widgets.h"

/* A property of a row: the value below its name, selectable. Nothing where there is no value. */
static void
add_row (GtkWidget *list, const char *title, const char *value)
{
  GtkWidget *row;

  if (!value || !*value)
    return;
  row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

static void
add_date (GtkWidget *list, const char *title, GDateTime *when, GDateTime *now)
{
  g_autofree char *exact = when ? lw_date_exact (when) : NULL;
  g_autofree char *relative = when ? lw_date_relative (when, now) : NULL;
  g_autofree char *value = when ? g_strdup_printf ("%s, %s", exact, relative) : NULL;

  add_row (list, title, value);
}

static GtkWidget *
pills_new (LwExemption *exemption, LwTiles tiles)
{
  GtkWidget *box = adw_wrap_box_new ();

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (box), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (box), 6);
  adw_wrap_box_append (ADW_WRAP_BOX (box),
                       lw_pill_new (lw_words_category (exemption->category), "neutral"));
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      const char *style = lw_tile_style (1 << i);

      if (!(tiles & (1 << i)))
        continue;
      if (!style)
        style = (1 << i) == LW_TILE_IN_FORCE ? "success" : "neutral";
      adw_wrap_box_append (ADW_WRAP_BOX (box), lw_pill_new (lw_tile_title (1 << i), style));
    }
  return box;
}

static char *
references_text (LwExemption *exemption)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < exemption->references->len; i++)
    g_string_append_printf (text, "%s%s", i ? "\n" : "",
                            (const char *) g_ptr_array_index (exemption->references, i));
  return g_string_free (text, FALSE);
}

static GtkWidget *
facts_new (LwExemptionItem *item, GDateTime *now)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  GtkWidget *list = lw_boxed_list_new (_ ("Facts"));
  g_autofree char *references = references_text (exemption);

  add_row (list, _ ("Policy"), lw_exemption_item_get_policy (item));
  add_row (list, _ ("Definitions"), *references ? references : _ ("All of the assignment"));
  add_row (list, _ ("Scope"), exemption->scope);
  add_row (list, _ ("Team"), lw_exemption_item_get_team (item));
  add_row (list, _ ("Owner"), exemption->owner ? exemption->owner : _ ("Nobody"));
  if (exemption->expires)
    add_date (list, _ ("Expires"), exemption->expires, now);
  else
    add_row (list, _ ("Expires"), _ ("Never"));
  add_row (list, _ ("Description"), exemption->description);
  return list;
}

static GtkWidget *
origin_new (LwExemption *exemption, GDateTime *now)
{
  GtkWidget *section = lw_section_new (_ ("Where It Comes From"), NULL);
  GtkWidget *list = lw_boxed_list_new (_ ("Where it comes from"));

  add_row (list, _ ("Asked for by"), exemption->requested_by);
  add_row (list, _ ("Approved by"), exemption->approved_by);
  add_row (list, _ ("Ticket"), exemption->ticket);
  add_row (list, _ ("Request"), exemption->request_id);
  add_date (list, _ ("First granted"), exemption->first_granted, now);
  add_date (list, _ ("Created"), exemption->created, now);
  add_row (list, _ ("Created by"), exemption->created_by);
  add_date (list, _ ("Last changed"), exemption->modified, now);
  add_row (list, _ ("Assignment"), exemption->assignment_id);
  add_row (list, _ ("Id"), exemption->id);
  gtk_box_append (GTK_BOX (section), list);
  return section;
}

AdwDialog *
lw_exemption_dialog_new (LwWorkspace *workspace, LwExemptionItem *item)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  LwSession *session = lw_workspace_get_session (workspace);
  const char *damage = lw_client_get_damage (lw_session_get_client (session), exemption->id);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (JsonNode) node = lw_exemption_to_json (exemption);
  g_autofree char *json = lw_json_pretty (node);
  AdwDialog *dialog = adw_dialog_new ();
  GtkWidget *overlay = adw_toast_overlay_new ();
  GtkWidget *toolbar = adw_toolbar_view_new ();
  GtkWidget *scroll = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  GtkWidget *section;

  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_box_append (GTK_BOX (box), pills_new (exemption, lw_exemption_item_get_tiles (item)));
  if (damage != NULL)
    {
      g_autofree char *text = lw_exemption_damage_text (damage);

      gtk_box_append (GTK_BOX (box), lw_note_new ("lw-read-only-symbolic", text, "warning"));
    }
  gtk_box_append (GTK_BOX (box), facts_new (item, now));
  gtk_box_append (GTK_BOX (box), origin_new (exemption, now));
  section = lw_section_new (_ ("As Azure Has It"), NULL);
  gtk_box_append (GTK_BOX (section), lw_code_new (_ ("JSON, with metadata"), json));
  gtk_box_append (GTK_BOX (box), section);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar), adw_header_bar_new ());
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar), scroll);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), toolbar);
  adw_dialog_set_child (dialog, overlay);
  adw_dialog_set_title (dialog, exemption->display_name);
  adw_dialog_set_content_width (dialog, 560);
  adw_dialog_set_content_height (dialog, 640);
  return dialog;
}
