/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-case-private.h"
#include "lw-domain-error.h"
#include "lw-json.h"

#define PHASE(name)     (1u << LW_PHASE_##name)
#define AFTER_SUBMITTED (~PHASE (NEW))

/* The phases in which an event of each kind is allowed. */
static const guint allowed[] = {
  [LW_EVENT_SUBMITTED] = PHASE (NEW) | PHASE (PENDING) | PHASE (CHANGES_REQUESTED),
  [LW_EVENT_WITHDRAWN] = PHASE (PENDING) | PHASE (CHANGES_REQUESTED) | PHASE (APPROVED),
  [LW_EVENT_CHANGES_REQUESTED] = PHASE (PENDING),
  [LW_EVENT_REJECTED] = PHASE (PENDING),
  [LW_EVENT_APPROVED] = PHASE (PENDING),
  [LW_EVENT_APPLYING] = PHASE (APPROVED) | PHASE (APPLY_FAILED) | PHASE (PARTLY_APPLIED),
  [LW_EVENT_APPLIED] = PHASE (APPLYING),
  [LW_EVENT_APPLY_FAILED] = PHASE (APPLYING),
  [LW_EVENT_RETIRING] = PHASE (APPLIED),
  [LW_EVENT_RETIRED] = PHASE (RETIRING),
  [LW_EVENT_RESTORED] = PHASE (RETIRED),
  [LW_EVENT_CONTROL_CHECKED] = AFTER_SUBMITTED,
  [LW_EVENT_COMMENTED] = AFTER_SUBMITTED,
};

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, message);
  return FALSE;
}

static const char *
name_of (const LwPerson *person)
{
  if (person == NULL)
    return _ ("somebody");
  if (person->name != NULL && person->name[0] != '\0')
    return person->name;
  return person->upn != NULL ? person->upn : person->id;
}

/* What the phase is, and what to do about it. */
static char *
phase_sentence (LwCase *self)
{
  switch (self->phase)
    {
    case LW_PHASE_NEW:
      return g_strdup (_ ("This request has not been submitted yet; submit it first."));
    case LW_PHASE_PENDING:
      return g_strdup_printf (ngettext ("This request still waits for %u approval.",
                                        "This request still waits for %u approvals.",
                                        self->approvals_needed - self->approvals_counting),
                              self->approvals_needed - self->approvals_counting);
    case LW_PHASE_CHANGES_REQUESTED:
      return g_strdup (_ ("This request was sent back to its requester, who can submit it again."));
    case LW_PHASE_REJECTED:
      return g_strdup (_ ("This request was rejected; start a new one if it is still needed."));
    case LW_PHASE_WITHDRAWN:
      return g_strdup (_ ("This request was withdrawn; start a new one if it is still needed."));
    case LW_PHASE_APPROVED:
      return g_strdup (_ ("This request is approved already; apply it, or withdraw it."));
    case LW_PHASE_APPLYING:
      return g_strdup_printf (
          /* Translators: %s is a person’s name. */
          _ ("%s is applying this request; wait for the result and reload."),
          name_of (self->applier));
    case LW_PHASE_PARTLY_APPLIED:
      return g_strdup (_ ("Only a part of this request is applied; apply it again first."));
    case LW_PHASE_APPLY_FAILED:
      return g_strdup (_ ("Applying this request failed; apply it again."));
    case LW_PHASE_APPLIED:
      return g_strdup (_ ("This request is applied already; retire its exemptions if they are no "
                          "longer needed."));
    case LW_PHASE_RETIRING:
      return g_strdup (_ ("The exemptions of this request are being retired."));
    case LW_PHASE_RETIRED:
      return g_strdup (_ ("The exemptions of this request are retired; start a new one if they are "
                          "needed again."));
    default:
      return g_strdup (_ ("This request does not allow that now."));
    }
}

static gboolean
check_phase (LwCase *self, LwEventKind kind, GError **error)
{
  g_autofree char *sentence = NULL;

  if ((guint) kind < G_N_ELEMENTS (allowed) && (allowed[kind] & (1u << self->phase)) != 0)
    return TRUE;
  sentence = phase_sentence (self);
  return refuse (error, sentence);
}

static gboolean
check_digest (LwCase *self, JsonObject *body, GError **error)
{
  if (g_strcmp0 (lw_json_get_string (body, "digest"), self->digest) == 0)
    return TRUE;
  return refuse (error,
                 _ ("The content of this request is not the one you saw; reload it and decide "
                    "anew."));
}

static gboolean
is_requester (LwCase *self, const LwPerson *who)
{
  return self->content != NULL && lw_person_equal (who, self->content->requester);
}

/* "Ada, Ben and Cy" without the grammar: names joined by commas. */
static char *
names_of (GPtrArray *people)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < people->len && i < 5; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            name_of (g_ptr_array_index (people, i)));
  return g_string_free_and_steal (g_steal_pointer (&text));
}

static gboolean
check_approver (LwCase *self, const LwPerson *who, LwHierarchy *hierarchy, GError **error)
{
  g_autoptr (GPtrArray) approvers = NULL;
  g_autofree char *names = NULL;
  g_autofree char *message = NULL;

  if (is_requester (self, who))
    return refuse (error, _ ("You asked for this exemption yourself; somebody else must decide on "
                             "it."));
  if (lw_person_equal (who, self->content->owner) && !lw_rules_owner_may_approve (self->rules))
    return refuse (error, _ ("You own this exemption; somebody else must decide on it."));
  if (lw_rules_is_approver (self->rules, self->content, who->id, hierarchy))
    return TRUE;
  approvers = lw_rules_independent_approvers (self->rules, self->content, hierarchy);
  if (approvers->len == 0)
    return refuse (error,
                   _ ("The rules do not name you as an approver for it, nor anybody else; ask "
                      "an administrator of the rules."));
  names = names_of (approvers);
  message = g_strdup_printf (
      /* Translators: %s are names of people. */
      _ ("The rules do not name you as an approver for it; it can be decided by: %s."), names);
  return refuse (error, message);
}

LwRequest *
lw_case_read_content (LwCase *self, JsonObject *body, GError **error)
{
  JsonNode *node = json_object_get_member (body, "content");
  g_autoptr (LwRequest) content = NULL;
  g_autofree char *digest = NULL;

  if (lw_json_node_object (node) == NULL)
    {
      refuse (error, _ ("The submission holds no request."));
      return NULL;
    }
  content = lw_request_from_json (node, error);
  if (content == NULL)
    return NULL;
  digest = lw_json_digest (node, error);
  if (digest == NULL)
    return NULL;
  if (content->id == NULL || g_ascii_strcasecmp (content->id, self->request_id) != 0)
    {
      refuse (error, _ ("The submission holds another request than the one it is recorded under."));
      return NULL;
    }
  if (g_strcmp0 (lw_json_get_string (body, "digest"), digest) != 0)
    {
      refuse (error, _ ("The digest is not that of the content; the submission was altered."));
      return NULL;
    }
  return g_steal_pointer (&content);
}

static gboolean
check_submitted (LwCase *self, const LwPerson *who, JsonObject *body, GError **error)
{
  g_autoptr (LwRequest) content = lw_case_read_content (self, body, error);

  if (content == NULL)
    return FALSE;
  if (lw_json_get_int (body, "revision", 0) != (gint64) self->revision + 1)
    return refuse (error, _ ("The submission does not carry the next revision number; reload the "
                             "request and submit again."));
  if (!lw_person_equal (who, content->requester) ||
      (self->content != NULL && !is_requester (self, who)))
    return refuse (error, _ ("Only the requester can submit this request."));
  return TRUE;
}

LwRequest *
lw_case_read_terms (LwCase *self, JsonObject *body, GError **error)
{
  JsonNode *node = json_object_get_member (body, "terms");
  g_autoptr (LwRequest) terms = NULL;
  g_autofree char *digest = NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  terms = lw_request_from_json (node, error);
  if (terms == NULL || !lw_case_terms_contained (self->content, terms, error))
    return NULL;
  digest = lw_json_digest (node, error);
  if (digest == NULL)
    return NULL;
  if (g_strcmp0 (lw_json_get_string (body, "digest"), digest) != 0)
    {
      refuse (error, _ ("The digest is not that of the terms; decide anew."));
      return NULL;
    }
  return g_steal_pointer (&terms);
}

static gboolean
check_approved (LwCase *self,
                const LwPerson *who,
                JsonObject *body,
                LwHierarchy *hierarchy,
                GError **error)
{
  JsonNode *node = json_object_get_member (body, "terms");

  if (!check_approver (self, who, hierarchy, error))
    return FALSE;
  if (lw_case_has_approved (self, who->id))
    return refuse (error,
                   _ ("You have approved this request already; it waits for somebody else."));
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return check_digest (self, body, error);
  g_autoptr (LwRequest) terms = lw_case_read_terms (self, body, error);

  return terms != NULL;
}

static gboolean
check_withdrawn (LwCase *self, const LwPerson *who, GError **error)
{
  if (is_requester (self, who) || lw_person_equal (who, self->content->owner))
    return TRUE;
  return refuse (error, _ ("Only the requester or the owner can withdraw this request."));
}

static gboolean
check_result (LwCase *self, const LwPerson *who, JsonObject *body, GError **error)
{
  g_autofree char *message = NULL;

  if (lw_person_equal (who, self->applier))
    return check_digest (self, body, error);
  message = g_strdup_printf (
      /* Translators: %s is a person’s name. */
      _ ("%s began to apply this request, and only they can record the result."),
      name_of (self->applier));
  return refuse (error, message);
}

static gboolean
check_restored (LwCase *self,
                const LwPerson *who,
                JsonObject *body,
                GDateTime *at,
                LwHierarchy *hierarchy,
                GError **error)
{
  g_autoptr (GDateTime) expires = NULL;

  if (!check_approver (self, who, hierarchy, error) || !check_digest (self, body, error))
    return FALSE;
  expires = lw_instant_parse (self->content->expires, NULL);
  if (at != NULL && (expires == NULL || g_date_time_compare (at, expires) >= 0))
    return refuse (error, _ ("The exemption would have expired by now; renew it instead."));
  return TRUE;
}

static gboolean
check_checker (LwCase *self, const LwPerson *who, GError **error)
{
  for (guint i = 0; i < self->content->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (self->content->controls, i);

      if (lw_person_equal (who, control->checked_by))
        return TRUE;
    }
  return refuse (error, _ ("No control of this request names you as the one who checks it."));
}

gboolean
lw_case_check_at (LwCase *self,
                  LwEventKind kind,
                  const LwPerson *who,
                  JsonObject *body,
                  GDateTime *at,
                  LwHierarchy *hierarchy,
                  GError **error)
{
  if (who == NULL || who->id == NULL || who->id[0] == '\0')
    return refuse (error, _ ("It is not known who you are; sign in first."));
  if (body == NULL)
    return refuse (error, _ ("The entry holds nothing."));
  if (!check_phase (self, kind, error))
    return FALSE;
  switch (kind)
    {
    case LW_EVENT_SUBMITTED:
      return check_submitted (self, who, body, error);
    case LW_EVENT_WITHDRAWN:
      return check_withdrawn (self, who, error);
    case LW_EVENT_CHANGES_REQUESTED:
    case LW_EVENT_REJECTED:
      return check_approver (self, who, hierarchy, error) && check_digest (self, body, error);
    case LW_EVENT_APPROVED:
      return check_approved (self, who, body, hierarchy, error);
    case LW_EVENT_APPLYING:
      return check_digest (self, body, error);
    case LW_EVENT_APPLIED:
    case LW_EVENT_APPLY_FAILED:
      return check_result (self, who, body, error);
    case LW_EVENT_RESTORED:
      return check_restored (self, who, body, at, hierarchy, error);
    case LW_EVENT_CONTROL_CHECKED:
      return check_checker (self, who, error);
    case LW_EVENT_RETIRING:
    case LW_EVENT_RETIRED:
    case LW_EVENT_COMMENTED:
    case LW_EVENT_UNKNOWN:
    default:
      return TRUE;
    }
}

gboolean
lw_case_check (LwCase *self,
               LwEventKind kind,
               const LwPerson *who,
               JsonObject *body,
               LwHierarchy *hierarchy,
               GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (!lw_case_is_intact (self))
    return refuse (error,
                   _ ("The record of this request is damaged, so nothing can be added to it; "
                      "start a new request and tell whoever keeps the ledger."));
  return lw_case_check_at (self, kind, who, body, NULL, hierarchy, error);
}
