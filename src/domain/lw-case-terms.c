/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-case.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-tighten.h"

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, message);
  return FALSE;
}

static gboolean
same_json (JsonNode *a, JsonNode *b)
{
  g_autofree char *a_text = lw_json_canonical (a, NULL);
  g_autofree char *b_text = lw_json_canonical (b, NULL);

  return a_text != NULL && g_strcmp0 (a_text, b_text) == 0;
}

/* Gives @object the member of @other, or takes it away where @other has none. */
static void
level (JsonObject *object, JsonObject *other, const char *member)
{
  JsonNode *node = json_object_get_member (other, member);

  if (node != NULL)
    json_object_set_member (object, member, lw_json_node_copy (node));
  else if (json_object_has_member (object, member))
    json_object_remove_member (object, member);
}

/* Whether two objects are the same but for @members. */
static gboolean
same_but_for (JsonObject *a, JsonObject *b, const char *const *members)
{
  g_autoptr (JsonNode) a_node = lw_json_object_to_node (a);
  g_autoptr (JsonNode) b_node = lw_json_object_to_node (b);

  for (guint i = 0; members[i] != NULL; i++)
    level (json_node_get_object (a_node), b, members[i]);
  return same_json (a_node, b_node);
}

/* What the record proves must not hang on where subscriptions lie today, so that only the ids count. An
 * exemption that is renewed stays where it is. */
static gboolean
grant_contained (const LwRequest *asked,
                 const LwGrant *grant,
                 const LwRequest *terms,
                 const LwGrant *granted,
                 GError **error)
{
  LwCoverage room = lw_coverage_of_grant (asked, grant);
  LwCoverage coverage = lw_coverage_of_grant (terms, granted);

  if (grant->renews != NULL && g_strcmp0 (grant->scope, granted->scope) != 0)
    return refuse (error, _ ("The terms move an exemption that is to be renewed; it stays at its "
                             "scope."));
  return lw_coverage_contained (&coverage, &room, NULL, error);
}

static gboolean
grants_contained (const LwRequest *asked,
                  const LwRequest *terms,
                  JsonObject *asked_json,
                  JsonObject *terms_json,
                  GError **error)
{
  static const char *const members[] = { "references", "selectors", "scope", NULL };
  JsonArray *asked_list = lw_json_get_array (asked_json, "grants");
  JsonArray *terms_list = lw_json_get_array (terms_json, "grants");

  if (terms->grants->len == 0)
    return refuse (error, _ ("The terms grant nothing; reject the request instead."));
  for (guint i = 0; i < terms->grants->len; i++)
    {
      const LwGrant *granted = g_ptr_array_index (terms->grants, i);
      const LwGrant *grant = lw_request_get_grant (asked, granted->n);
      guint index;

      if (grant == NULL || lw_request_get_grant (terms, granted->n) != granted)
        return refuse (error, _ ("The terms hold a grant that was not asked for."));
      g_ptr_array_find (asked->grants, grant, &index);
      if (!same_but_for (lw_json_array_get_object (terms_list, i),
                         lw_json_array_get_object (asked_list, index), members))
        return refuse (error, _ ("The terms change a grant in more than its scope, references and "
                                 "selectors."));
      if (!grant_contained (asked, grant, terms, granted, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
expiry_contained (const LwRequest *asked, const LwRequest *terms)
{
  g_autoptr (GDateTime) a = lw_instant_parse (asked->expires, NULL);
  g_autoptr (GDateTime) b = lw_instant_parse (terms->expires, NULL);

  return b != NULL && (a == NULL || g_date_time_compare (b, a) <= 0);
}

gboolean
lw_case_terms_contained (const LwRequest *asked, const LwRequest *terms, GError **error)
{
  static const char *const members[] = { "grants", "expires", NULL };
  g_autoptr (JsonNode) asked_node = NULL;
  g_autoptr (JsonNode) terms_node = NULL;
  JsonObject *asked_json;
  JsonObject *terms_json;

  g_return_val_if_fail (asked != NULL && terms != NULL, FALSE);

  asked_node = lw_request_to_json (asked);
  terms_node = lw_request_to_json (terms);
  asked_json = json_node_get_object (asked_node);
  terms_json = json_node_get_object (terms_node);
  if (!same_but_for (terms_json, asked_json, members))
    return refuse (error,
                   _ ("The terms change more than the grants and the expiry; send the request "
                      "back instead."));
  if (!expiry_contained (asked, terms))
    return refuse (error, _ ("The terms last longer than what was asked for."));
  return grants_contained (asked, terms, asked_json, terms_json, error);
}
