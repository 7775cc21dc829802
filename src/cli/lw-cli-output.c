/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-json.h"
#include "lw-cli-output.h"
#include "lw-csv.h"
#include "lw-json.h"
#include "lw-table.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

gboolean
lw_cli_print (const char *text, GError **error)
{
  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               _ ("The result cannot be written: %s"), g_strerror (errno));

  return FALSE;
}

gboolean
lw_cli_print_json (JsonNode *node, GError **error)
{
  g_autofree char *text = lw_json_pretty (node);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  return lw_cli_print (line, error);
}

static JsonNode *
hold_object (JsonObject *object)
{
  return json_node_init_object (json_node_alloc (), object);
}

JsonNode *
lw_cli_findings_to_json (GPtrArray *findings)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    json_array_add_element (array, lw_finding_to_json (g_ptr_array_index (findings, i)));

  json_object_set_array_member (object, "findings", array);
  json_object_set_boolean_member (object, "submittable", lw_findings_submittable (findings));

  return hold_object (object);
}

/* --- cases -------------------------------------------------------------------------------------- */

static JsonObject *
write_approvals (LwCase *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "needed", value->approvals_needed);
  json_object_set_int_member (object, "counting", value->approvals_counting);
  json_object_set_array_member (object, "given", lw_approvals_to_json (value->approvals));

  return object;
}

static JsonArray *
write_grants (LwCase *value)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; value->content && i < value->content->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (value->content->grants, i);
      gpointer key = GUINT_TO_POINTER (grant->n);
      JsonObject *exemption = g_hash_table_lookup (value->results, key);
      JsonObject *failure = g_hash_table_lookup (value->failures, key);
      JsonObject *entry = json_object_new ();

      json_object_set_int_member (entry, "n", grant->n);
      lw_json_set_string (entry, "policyName", grant->policy_name);
      lw_json_set_string (entry, "assignment", grant->assignment);
      lw_json_set_string (entry, "scope", grant->scope);
      lw_json_set_string (entry, "exemption", lw_json_get_string (exemption, "id"));
      if (failure)
        json_object_set_member (entry, "error", lw_json_object_to_node (failure));
      json_array_add_object_element (array, entry);
    }

  return array;
}

static JsonArray *
write_events (LwCase *value)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < value->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (value->events, i);
      JsonObject *entry = json_object_new ();

      json_object_set_int_member (entry, "seq", event->seq);
      lw_json_set_string (entry, "kind", event->kind_name);
      lw_json_set_instant (entry, "at", event->at);
      lw_json_set_person (entry, "by", event->by);
      lw_json_set_string (entry, "sha256", event->sha256);
      json_object_set_member (entry, "body", lw_json_object_to_node (event->body));
      json_array_add_object_element (array, entry);
    }

  return array;
}

JsonNode *
lw_cli_case_to_json (LwSession *session, LwCase *value, gboolean whole)
{
  g_autoptr (JsonObject) object = json_object_new ();
  LwRequest *content = value->content;

  lw_json_set_string (object, "id", value->request_id);
  lw_json_set_string (object, "title", content ? content->title : NULL);
  lw_json_set_string (object, "phase", lw_phase_to_string (value->phase));
  json_object_set_int_member (object, "revision", value->revision);
  lw_json_set_string (object, "digest", value->digest);
  lw_json_set_string (object, "category", content ? content->category : NULL);
  lw_json_set_person (object, "requester", content ? content->requester : NULL);
  lw_json_set_person (object, "owner", content ? content->owner : NULL);
  lw_json_set_string (object, "expires", content ? content->expires : NULL);
  lw_json_set_instant (object, "submitted", value->submitted);
  lw_json_set_instant (object, "changed", value->changed);
  json_object_set_object_member (object, "approvals", write_approvals (value));
  json_object_set_array_member (object, "grants", write_grants (value));
  json_object_set_boolean_member (object, "waitsForMyReview",
                                  lw_case_waits_for_review (session, value));
  json_object_set_boolean_member (object, "waitsForApply", lw_case_waits_for_apply (value));
  json_object_set_array_member (object, "flags", lw_flags_to_json (value->flags));
  /* What was just written is not in it: "number" of "outbox list". */
  if (value->queued != 0)
    json_object_set_int_member (object, "queued", value->queued);

  if (whole)
    {
      if (content)
        json_object_set_member (object, "content", lw_request_to_json (content));
      else
        json_object_set_null_member (object, "content");
      json_object_set_array_member (object, "events", write_events (value));
    }

  return hold_object (object);
}

/* --- exemptions --------------------------------------------------------------------------------- */

static const char *const tile_names[LW_TILE_COUNT] = { "in-force",  "expiring", "expired",
                                                       "no-expiry", "no-owner", "unreviewed" };

static JsonArray *
write_tiles (LwTiles tiles)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      if (tiles & (1u << i))
        json_array_add_string_element (array, tile_names[i]);
    }

  return array;
}

static JsonNode *
write_item (LwExemptionItem *item)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  g_autoptr (JsonObject) object = json_object_new ();

  lw_json_set_string (object, "id", exemption->id);
  lw_json_set_string (object, "displayName", exemption->display_name);
  lw_json_set_string (object, "policy", lw_exemption_item_get_policy (item));
  lw_json_set_string (object, "assignment", exemption->assignment_id);
  lw_json_set_string (object, "scope", exemption->scope);
  lw_json_set_string (object, "team", lw_exemption_item_get_team (item));
  lw_json_set_string (object, "category", exemption->category);
  lw_json_set_instant (object, "expires", exemption->expires);
  lw_json_set_instant (object, "firstGranted", exemption->first_granted);
  lw_json_set_string (object, "owner", exemption->owner);
  lw_json_set_string (object, "request", exemption->request_id);
  lw_json_set_string (object, "digest", exemption->digest);
  json_object_set_array_member (object, "tiles", write_tiles (lw_exemption_item_get_tiles (item)));
  json_object_set_member (object, "azure", lw_exemption_to_json (exemption));

  return hold_object (object);
}

static char *
write_json (GListModel *items)
{
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *text = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (items, i);

      json_array_add_element (array, write_item (item));
    }

  json_node_set_array (node, array);
  text = lw_json_pretty (node);

  return g_strconcat (text, "\n", NULL);
}

#define N_COLUMNS 10

static const char *const columns[N_COLUMNS + 1] = { "displayName", "policy",  "scope", "team",
                                                    "category",    "expires", "owner", "tiles",
                                                    "request",     "id",      NULL };

/* The cells of one row. (transfer full) */
static GStrv
write_row (LwExemptionItem *item, const char *scope)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  LwTiles tiles = lw_exemption_item_get_tiles (item);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *expires = exemption->expires ? lw_instant_format (exemption->expires) : NULL;

  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      if (tiles & (1u << i))
        g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", tile_names[i]);
    }

  g_strv_builder_add_many (builder, exemption->display_name ? exemption->display_name : "",
                           lw_exemption_item_get_policy (item), scope,
                           lw_exemption_item_get_team (item),
                           exemption->category ? exemption->category : "", expires ? expires : "",
                           exemption->owner ? exemption->owner : "", names->str,
                           exemption->request_id ? exemption->request_id : "", exemption->id, NULL);

  return g_strv_builder_end (builder);
}

static char *
write_csv (GListModel *items)
{
  g_autoptr (GString) text = g_string_new (NULL);

  lw_csv_append_row (text, columns, LW_CSV_EXACT);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (items, i);
      g_auto (GStrv) row = write_row (item, lw_exemption_item_get_exemption (item)->scope);

      lw_csv_append_row (text, (const char *const *) row, LW_CSV_SAFE);
    }

  return g_string_free_and_steal (g_steal_pointer (&text));
}

/* The last two columns, ids that are longer than a line, are left to the other formats. */
static char *
write_table (GListModel *items)
{
  static const guint widths[N_COLUMNS - 2] = { 34, 34, 24, 16, 12, 20, 28, 0 };
  const char *const headings[] = { _ ("Exemption"), _ ("Policy"),   _ ("Scope"),
                                   _ ("Team"),      _ ("Category"), _ ("Expires"),
                                   _ ("Owner"),     _ ("State"),    NULL };
  g_autoptr (LwTable) table = lw_table_new (headings);

  for (guint k = 0; k < G_N_ELEMENTS (widths); k++)
    lw_table_set_max_width (table, k, widths[k]);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (items, i);
      g_auto (GStrv) row = write_row (item, lw_exemption_item_get_scope_label (item));

      lw_table_add_row (table, (const char *const *) row);
    }

  return lw_table_to_string (table);
}

char *
lw_cli_exemptions_to_text (LwPortfolio *portfolio, LwFormat format)
{
  GListModel *items = lw_portfolio_get_items (portfolio);

  switch (format)
    {
    case LW_FORMAT_TABLE:
      return write_table (items);
    case LW_FORMAT_CSV:
      return write_csv (items);
    case LW_FORMAT_JSON:
    default:
      return write_json (items);
    }
}
