/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-exemption-values.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

const char *
lw_tile_title (LwTiles tile)
{
  switch (tile)
    {
    case LW_TILE_IN_FORCE:
      return _ ("In Force");
    case LW_TILE_EXPIRING:
      return _ ("Expiring in 30 Days");
    case LW_TILE_EXPIRED:
      return _ ("Expired but Present");
    case LW_TILE_NO_EXPIRY:
      return _ ("Without Expiry");
    case LW_TILE_NO_OWNER:
      return _ ("Without Owner");
    case LW_TILE_UNREVIEWED:
      return _ ("Unreviewed");
    default:
      return _ ("All");
    }
}

const char *
lw_tile_style (LwTiles tile)
{
  switch (tile)
    {
    case LW_TILE_EXPIRED:
    case LW_TILE_NO_EXPIRY:
      return "error";
    case LW_TILE_NO_OWNER:
    case LW_TILE_UNREVIEWED:
      return "warning";
    case LW_TILE_IN_FORCE:
    case LW_TILE_EXPIRING:
    default:
      return NULL;
    }
}

const char *
lw_tiles_worst (LwTiles tiles, const char **style)
{
  static const struct
  {
    LwTiles tile;
    const char *word;
    const char *style;
  } order[] = {
    { LW_TILE_EXPIRED, N_ ("Expired"), "error" },
    { LW_TILE_NO_EXPIRY, N_ ("No Expiry"), "error" },
    { LW_TILE_NO_OWNER, N_ ("No Owner"), "error" },
    { LW_TILE_UNREVIEWED, N_ ("Unreviewed"), "warning" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (tiles & order[i].tile)
      {
        *style = order[i].style;
        return _ (order[i].word);
      }
  *style = NULL;
  return _ ("In Force");
}

char *
lw_exemption_damage_text (const char *damage)
{
  /* Translators: what in Azure's JSON would be altered by reading it, a sentence of its own */
  return g_strdup_printf (_ ("Shown as far as it can be read, and not to be changed here, since "
                             "something of it would be lost. %s"),
                          damage);
}

const char *
lw_exemption_owner (LwExemption *exemption)
{
  return exemption->owner ? exemption->owner : "";
}

char *
lw_exemption_expires (LwExemption *exemption, GDateTime *now)
{
  g_autofree char *relative = NULL;
  g_autofree char *first = NULL;

  if (!exemption->expires)
    return g_strdup (_ ("Never"));
  relative = lw_date_relative (exemption->expires, now);
  first = g_utf8_strup (relative, g_utf8_next_char (relative) - relative);
  return g_strconcat (first, g_utf8_next_char (relative), NULL);
}

gint64
lw_exemption_expires_key (LwExemption *exemption)
{
  return exemption->expires ? g_date_time_to_unix (exemption->expires) : G_MAXINT64;
}

char **
lw_search_words (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text ? text : "", -1);
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (guint i = 0; parts[i]; i++)
    if (*parts[i])
      g_strv_builder_add (words, parts[i]);
  return g_strv_builder_end (words);
}

static gboolean
contains (const char *text, const char *word)
{
  g_autofree char *folded = text ? g_utf8_casefold (text, -1) : NULL;

  return folded && strstr (folded, word);
}

gboolean
lw_exemption_matches (LwExemptionItem *item, const char *const *words)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  const char *const texts[] = {
    exemption->display_name, exemption->name,   lw_exemption_item_get_policy (item),
    exemption->id,           exemption->owner,  lw_exemption_item_get_team (item),
    exemption->category,     exemption->ticket, lw_exemption_item_get_scope_label (item),
    exemption->description,
  };

  for (guint i = 0; words[i]; i++)
    {
      gboolean found = FALSE;

      for (guint j = 0; !found && j < G_N_ELEMENTS (texts); j++)
        found = contains (texts[j], words[i]);
      if (!found)
        return FALSE;
    }
  return TRUE;
}
