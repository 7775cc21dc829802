/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess.h"
#include "lw-domain-error.h"
#include "lw-grant-private.h"
#include "lw-grant-write.h"
#include "lw-json.h"

#define ID_DIGITS 16

/* What Azure writes into metadata by itself. */
static const char *const stamps[] = { "createdBy", "createdOn",         "updatedBy",
                                      "updatedOn", "lastSyncedToArgOn", NULL };

char *
lw_grant_exemption_name (const LwRequest *request, const LwGrant *grant)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *p = request->id != NULL ? request->id : ""; *p != '\0'; p++)
    if (g_ascii_isxdigit (*p))
      g_string_append_c (digits, g_ascii_tolower (*p));
  if (digits->len > ID_DIGITS)
    g_string_erase (digits, 0, (gssize) (digits->len - ID_DIGITS));
  return g_strdup_printf ("lw-%s-%u", digits->str, grant->n);
}

char *
lw_grant_exemption_id (const LwRequest *request, const LwGrant *grant)
{
  g_autofree char *name = NULL;

  if (grant->renews != NULL && grant->renews[0] != '\0')
    return lw_arm_id_normalize (grant->renews);
  name = lw_grant_exemption_name (request, grant);
  return lw_arm_id_join (grant->scope, LW_EXEMPTIONS_TYPE, name);
}

static gboolean
refuse (GError **error, int code, const char *message)
{
  g_set_error_literal (error, LW_DOMAIN_ERROR, code, message);
  return FALSE;
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || text[0] == '\0';
}

/* What a person is known by to those who read the exemption. */
static const char *
address_of (const LwPerson *person)
{
  if (person == NULL)
    return NULL;
  if (!is_empty (person->upn))
    return person->upn;
  return !is_empty (person->name) ? person->name : person->id;
}

static gboolean
check_existing (const LwRequest *request,
                const LwGrant *grant,
                LwExemption *existing,
                GError **error)
{
  gboolean renewed = grant->renews != NULL && lw_arm_id_equal (grant->renews, existing->id);
  const char *of = existing->request_id;

  if (!lw_arm_id_equal (existing->assignment_id, grant->assignment))
    return refuse (error, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("The exemption that is there exempts from another policy; it is left as it "
                      "is."));
  if (of != NULL && g_ascii_strcasecmp (of, request->id) == 0)
    return TRUE;
  if (renewed && (of == NULL || (request->renews_request != NULL &&
                                 g_ascii_strcasecmp (of, request->renews_request) == 0)))
    return TRUE;
  return refuse (error, LW_DOMAIN_ERROR_NOT_ALLOWED,
                 of != NULL
                     ? _ ("The exemption that is there belongs to another request; it is left "
                          "as it is.")
                     : _ ("An exemption of that name is there which no request of Leeway "
                          "wrote; it is left as it is."));
}

static gboolean
check_request (const LwRequest *request, const LwGrant *grant, GError **error)
{
  g_autoptr (GDateTime) expires = lw_instant_parse (request->expires, NULL);

  if (!lw_uuid_is_valid (request->id))
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“id” must be the request’s UUID."));
  if (grant->n == 0)
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“n” of a grant must be 1 or more."));
  if (is_empty (grant->assignment))
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“assignment” of a grant must not be empty."));
  if (lw_scope_kind (grant->scope) == LW_SCOPE_OTHER)
    return refuse (
        error, LW_DOMAIN_ERROR_TYPE,
        _ ("“scope” of a grant must be a resource, a resource group, a subscription or a "
           "management group."));
  if (is_empty (request->category))
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“category” must not be empty."));
  if (is_empty (request->title))
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“title” must not be empty."));
  if (expires == NULL)
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“expires” must be an instant."));
  return TRUE;
}

/* The blocker, and the end state where the whole of it fits behind. In no translation: an exemption
 * reads the same whoever's click wrote it. */
static char *
description_of (const LwRequest *request)
{
  g_autofree char *text =
      g_strstrip (g_strdup (request->reason->blocker != NULL ? request->reason->blocker : ""));
  g_autofree char *longer = NULL;

  if (is_empty (request->reason->end_state) || is_empty (request->reason->end_state_by))
    return g_steal_pointer (&text);
  longer = g_strdup_printf ("%s\nEnds by %s: %s", text, request->reason->end_state_by,
                            request->reason->end_state);
  g_strchomp (longer);
  return lw_field_length (longer) <= LW_DESCRIPTION_MAX ? g_steal_pointer (&longer)
                                                        : g_steal_pointer (&text);
}

static JsonArray *
controls_of (const LwRequest *request)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < request->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (request->controls, i);
      JsonObject *object = json_object_new ();

      lw_json_set_string (object, "kind", control->kind);
      lw_json_set_string (object, "nextCheck", control->next_check);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonObject *
owner_of (const LwRequest *request, gboolean with_name)
{
  JsonObject *object = json_object_new ();

  lw_json_set_string (object, "upn", address_of (request->owner));
  if (with_name && request->owner != NULL && !is_empty (request->owner->name))
    lw_json_set_string (object, "name", request->owner->name);
  return object;
}

static gsize
length_of (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = lw_json_canonical (node, NULL);

  return text != NULL ? lw_field_length (text) : G_MAXSIZE;
}

/* Fills the object under "leeway"; the owner's name is left out where there is no room for it. */
static void
fill_leeway (JsonObject *object,
             const LwRequest *request,
             guint revision,
             const char *digest,
             const char *first_granted)
{
  lw_json_set_string (object, "request", request->id);
  json_object_set_int_member (object, "revision", revision);
  lw_json_set_string (object, "digest", digest);
  json_object_set_object_member (object, "owner", owner_of (request, TRUE));
  json_object_set_array_member (object, "controls", controls_of (request));
  lw_json_set_string (object, "firstGranted", first_granted);
  if (length_of (object) > LW_LEEWAY_MAX)
    json_object_set_object_member (object, "owner", owner_of (request, FALSE));
}

gsize
lw_grant_leeway_length (const LwRequest *request)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *digest = g_strnfill (64, '0');

  fill_leeway (object, request, 999, digest, "2026-01-01T00:00:00Z");
  return length_of (object);
}

static void
set_or_remove (JsonObject *object, const char *member, const char *value)
{
  if (!is_empty (value))
    lw_json_set_string (object, member, value);
  else if (json_object_has_member (object, member))
    json_object_remove_member (object, member);
}

static gboolean
write_metadata (JsonObject *metadata,
                const LwRequest *request,
                guint revision,
                const char *digest,
                const char *approved_by,
                GDateTime *approved_on,
                GDateTime *first_granted,
                GError **error)
{
  g_autoptr (JsonObject) leeway = lw_json_object_copy (lw_json_get_object (metadata, "leeway"));
  g_autofree char *on = lw_instant_format (approved_on);
  g_autofree char *first = lw_instant_format (first_granted != NULL ? first_granted : approved_on);

  if (leeway == NULL)
    leeway = json_object_new ();
  set_or_remove (metadata, "requestedBy", address_of (request->requester));
  set_or_remove (metadata, "approvedBy", approved_by);
  lw_json_set_string (metadata, "approvedOn", on);
  set_or_remove (metadata, "ticketRef", request->ticket);
  fill_leeway (leeway, request, revision, digest, first);
  if (length_of (leeway) > LW_LEEWAY_MAX)
    return refuse (error, LW_DOMAIN_ERROR_TYPE,
                   _ ("“controls” and “owner” need more room than the exemption’s metadata gives "
                      "Leeway; join some of the controls."));
  json_object_set_object_member (metadata, "leeway", g_steal_pointer (&leeway));
  return TRUE;
}

static gboolean
write_texts (JsonObject *properties, const LwRequest *request, GError **error)
{
  g_autofree char *title = g_strstrip (g_strdup (request->title));
  g_autofree char *description = description_of (request);

  if (lw_field_length (title) > LW_DISPLAY_NAME_MAX)
    return refuse (error, LW_DOMAIN_ERROR_TYPE, _ ("“title” is longer than 128 characters."));
  if (lw_field_length (description) > LW_DESCRIPTION_MAX)
    return refuse (error, LW_DOMAIN_ERROR_TYPE,
                   _ ("“reason.blocker” is longer than 512 characters."));
  lw_json_set_string (properties, "displayName", title);
  set_or_remove (properties, "description", description);
  return TRUE;
}

/* An empty list replaces what an existing exemption has; a new one leaves the member out. */
static void
write_lists (JsonObject *properties, const LwGrant *grant)
{
  g_autoptr (JsonArray) references = json_array_new ();

  for (guint i = 0; i < grant->references->len; i++)
    json_array_add_string_element (references, g_ptr_array_index (grant->references, i));
  if (grant->references->len > 0 ||
      json_object_has_member (properties, "policyDefinitionReferenceIds"))
    json_object_set_array_member (properties, "policyDefinitionReferenceIds",
                                  g_steal_pointer (&references));
  if (json_array_get_length (grant->selectors) > 0 ||
      json_object_has_member (properties, "resourceSelectors"))
    json_object_set_array_member (properties, "resourceSelectors",
                                  lw_json_array_copy (grant->selectors));
}

JsonNode *
lw_grant_write (const LwRequest *request,
                const LwGrant *grant,
                guint revision,
                const char *digest,
                const char *approved_by,
                GDateTime *approved_on,
                GDateTime *first_granted,
                LwExemption *existing,
                GError **error)
{
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (JsonObject) properties = NULL;
  g_autoptr (JsonObject) metadata = NULL;
  g_autoptr (GDateTime) instant = NULL;
  g_autofree char *expires = NULL;

  g_return_val_if_fail (request != NULL && grant != NULL, NULL);
  g_return_val_if_fail (approved_on != NULL, NULL);

  if (!check_request (request, grant, error) ||
      (existing != NULL && !check_existing (request, grant, existing, error)))
    return NULL;
  if (existing != NULL)
    properties = lw_json_object_copy (lw_json_get_object (existing->json, "properties"));
  if (properties == NULL)
    properties = json_object_new ();
  metadata = lw_json_object_copy (lw_json_get_object (properties, "metadata"));
  if (metadata == NULL)
    metadata = json_object_new ();
  instant = lw_instant_parse (request->expires, NULL);
  expires = lw_instant_format (instant);

  lw_json_set_string (properties, "policyAssignmentId", grant->assignment);
  write_lists (properties, grant);
  lw_json_set_string (properties, "exemptionCategory", request->category);
  lw_json_set_string (properties, "expiresOn", expires);
  if (!write_texts (properties, request, error) ||
      !write_metadata (metadata, request, revision, digest, approved_by, approved_on, first_granted,
                       error))
    return NULL;
  json_object_set_object_member (properties, "metadata", g_steal_pointer (&metadata));
  body = json_object_new ();
  json_object_set_object_member (body, "properties", g_steal_pointer (&properties));
  return json_node_init_object (json_node_alloc (), body);
}

static gboolean
same_json (JsonNode *a, JsonNode *b)
{
  g_autofree char *a_text = a != NULL ? lw_json_canonical (a, NULL) : NULL;
  g_autofree char *b_text = b != NULL ? lw_json_canonical (b, NULL) : NULL;

  return g_strcmp0 (a_text, b_text) == 0;
}

/* Azure gives instants back with a fraction of seven digits, and ids in a casing of its own. */
static gboolean
same_property (const char *name, JsonObject *a, JsonObject *b)
{
  const char *a_text = lw_json_get_string (a, name);
  const char *b_text = lw_json_get_string (b, name);
  g_autoptr (GDateTime) a_instant = NULL;
  g_autoptr (GDateTime) b_instant = NULL;

  if (a_text == NULL || b_text == NULL)
    return same_json (json_object_get_member (a, name), json_object_get_member (b, name));
  if (strcmp (name, "policyAssignmentId") == 0)
    return lw_arm_id_equal (a_text, b_text);
  if (strcmp (name, "exemptionCategory") == 0)
    return g_ascii_strcasecmp (a_text, b_text) == 0;
  if (strcmp (name, "expiresOn") != 0)
    return strcmp (a_text, b_text) == 0;
  a_instant = lw_instant_parse (a_text, NULL);
  b_instant = lw_instant_parse (b_text, NULL);
  return a_instant != NULL && b_instant != NULL &&
         g_date_time_to_unix (a_instant) == g_date_time_to_unix (b_instant);
}

static gboolean
is_stamp (const char *name)
{
  return g_strv_contains (stamps, name);
}

static gboolean
same_metadata (JsonObject *wanted, JsonObject *present)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (wanted == NULL || present == NULL)
    return wanted == present;
  json_object_iter_init (&iter, wanted);
  while (json_object_iter_next (&iter, &name, &node))
    if (!is_stamp (name) && !same_json (node, json_object_get_member (present, name)))
      return FALSE;
  json_object_iter_init (&iter, present);
  while (json_object_iter_next (&iter, &name, &node))
    if (!is_stamp (name) && !json_object_has_member (wanted, name))
      return FALSE;
  return TRUE;
}

/* What says nothing: null and empty lists, which Azure leaves out. */
static gboolean
says_nothing (JsonNode *node)
{
  return node == NULL || JSON_NODE_HOLDS_NULL (node) ||
         (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0);
}

gboolean
lw_grant_is_applied (LwExemption *existing, JsonNode *body)
{
  JsonObject *wanted = lw_json_get_object (lw_json_node_object (body), "properties");
  JsonObject *present = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (existing == NULL || wanted == NULL)
    return FALSE;
  present = lw_json_get_object (existing->json, "properties");
  if (present == NULL)
    return FALSE;
  json_object_iter_init (&iter, wanted);
  while (json_object_iter_next (&iter, &name, &node))
    {
      if (says_nothing (node) && says_nothing (json_object_get_member (present, name)))
        continue;
      if (strcmp (name, "metadata") == 0
              ? !same_metadata (json_node_get_object (node), lw_json_get_object (present, name))
              : !same_property (name, wanted, present))
        return FALSE;
    }
  /* What is there and was not asked for would widen or narrow it. */
  return (json_object_has_member (wanted, "policyDefinitionReferenceIds") ||
          says_nothing (json_object_get_member (present, "policyDefinitionReferenceIds"))) &&
         (json_object_has_member (wanted, "resourceSelectors") ||
          says_nothing (json_object_get_member (present, "resourceSelectors")));
}
