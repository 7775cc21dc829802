/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-diff-label.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "lw-word-diff.h"

#define RUNS_KEY "lw-diff-runs"

/* Text and background of a kind of run in light and in dark; Pango knows no named colours. */
static const struct
{
  guint16 text[3];
  guint16 tint[3];
  double alpha;
} palette[2][2] = {
  { { { 0xa5a5, 0x1d1d, 0x2d2d }, { 0xe0e0, 0x1b1b, 0x2424 }, 0.14 },
    { { 0x1a1a, 0x6d6d, 0x4242 }, { 0x2e2e, 0xc2c2, 0x7e7e }, 0.18 } },
  { { { 0xffff, 0x9393, 0x8c8c }, { 0xe0e0, 0x1b1b, 0x2424 }, 0.34 },
    { { 0x8f8f, 0xf0f0, 0xa4a4 }, { 0x2e2e, 0xc2c2, 0x7e7e }, 0.28 } },
};

static void
add (PangoAttrList *list, PangoAttribute *attribute, guint start, guint end)
{
  attribute->start_index = start;
  attribute->end_index = end;
  pango_attr_list_insert (list, attribute);
}

static PangoAttrList *
attributes_for (GPtrArray *runs, gboolean dark, gboolean contrast)
{
  PangoAttrList *list = pango_attr_list_new ();
  guint offset = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      const LwDiffRun *run = g_ptr_array_index (runs, i);
      gsize length = strlen (run->text);
      guint start = offset, end = offset + length;
      int kind = run->kind == LW_DIFF_ADDED;

      offset = end;
      if (run->kind == LW_DIFF_SAME)
        continue;
      /* The space that ends a stretch belongs to what follows. */
      while (end > start + 1 && g_ascii_isspace (run->text[end - start - 1]))
        end--;
      add (list,
           pango_attr_foreground_new (palette[dark][kind].text[0], palette[dark][kind].text[1],
                                      palette[dark][kind].text[2]),
           start, end);
      add (list,
           pango_attr_background_new (palette[dark][kind].tint[0], palette[dark][kind].tint[1],
                                      palette[dark][kind].tint[2]),
           start, end);
      add (list, pango_attr_background_alpha_new (palette[dark][kind].alpha * G_MAXUINT16), start,
           end);
      /* Colour alone is not enough where colours are few. */
      if (run->kind == LW_DIFF_ADDED && contrast)
        add (list, pango_attr_underline_new (PANGO_UNDERLINE_SINGLE), start, end);
      if (run->kind == LW_DIFF_REMOVED)
        add (list, pango_attr_strikethrough_new (TRUE), start, end);
    }
  return list;
}

static void
update_colors (GtkLabel *label)
{
  GPtrArray *runs = g_object_get_data (G_OBJECT (label), RUNS_KEY);
  AdwStyleManager *manager = adw_style_manager_get_default ();
  g_autoptr (PangoAttrList) list = attributes_for (runs, adw_style_manager_get_dark (manager),
                                                   adw_style_manager_get_high_contrast (manager));

  gtk_label_set_attributes (label, list);
}

/* "Removed: our models. Added: aoai-eval-weu." */
static char *
describe (GPtrArray *runs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      const LwDiffRun *run = g_ptr_array_index (runs, i);
      g_autofree char *words = g_strstrip (g_strdup (run->text));

      if (run->kind == LW_DIFF_SAME)
        continue;
      if (text->len > 0)
        g_string_append (text, "; ");
      g_string_append_printf (text,
                              /* Translators: for a screen reader, the words that a revision
                               * removed from or added to a text */
                              run->kind == LW_DIFF_REMOVED ? _ ("removed “%s”") : _ ("added “%s”"),
                              words);
    }
  return g_string_free (text, FALSE);
}

static void
show_changes (GtkLabel *label, GPtrArray *runs, const char *after)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *changes = describe (runs);

  for (guint i = 0; i < runs->len; i++)
    g_string_append (text, ((LwDiffRun *) g_ptr_array_index (runs, i))->text);
  gtk_label_set_text (label, text->str);
  g_object_set_data_full (G_OBJECT (label), RUNS_KEY, g_ptr_array_ref (runs),
                          (GDestroyNotify) g_ptr_array_unref);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, after,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, changes, -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_colors), label, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast",
                           G_CALLBACK (update_colors), label, G_CONNECT_SWAPPED);
  update_colors (label);
}

GtkWidget *
lw_diff_label_new (const char *before, const char *after)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_autoptr (GPtrArray) runs = before ? lw_word_diff (before, after) : NULL;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (runs && lw_word_diff_has_changes (runs))
    show_changes (GTK_LABEL (label), runs, after ? after : "");
  else
    gtk_label_set_text (GTK_LABEL (label), after ? after : "");
  return label;
}
