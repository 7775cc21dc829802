/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-portfolio.h"

#define EXPIRING_DAYS 30

/* Whether an approved request with that digest stands behind the exemption. */
static gboolean
is_reviewed (LwExemption *exemption, GHashTable *approved)
{
  g_autofree char *key = NULL;

  if (exemption->request_id == NULL || exemption->digest == NULL)
    return FALSE;
  key = g_ascii_strdown (exemption->request_id, -1);
  return g_strcmp0 (g_hash_table_lookup (approved, key), exemption->digest) == 0;
}

LwTiles
lw_portfolio_tiles (LwExemption *exemption, GDateTime *now, GHashTable *approved)
{
  LwTiles tiles = 0;

  g_return_val_if_fail (exemption != NULL && now != NULL, 0);

  if (exemption->expires == NULL)
    tiles |= LW_TILE_IN_FORCE | LW_TILE_NO_EXPIRY;
  else if (g_date_time_compare (exemption->expires, now) <= 0)
    tiles |= LW_TILE_EXPIRED;
  else
    {
      tiles |= LW_TILE_IN_FORCE;
      if (g_date_time_difference (exemption->expires, now) <= EXPIRING_DAYS * G_TIME_SPAN_DAY)
        tiles |= LW_TILE_EXPIRING;
    }
  if (exemption->owner == NULL || exemption->owner[0] == '\0')
    tiles |= LW_TILE_NO_OWNER;
  if (approved != NULL && !is_reviewed (exemption, approved))
    tiles |= LW_TILE_UNREVIEWED;
  return tiles;
}

/* Azure compares tag names without case. */
static const char *
find_tag (JsonObject *tags, const char *name)
{
  JsonObjectIter iter;
  const char *member;

  if (tags == NULL)
    return NULL;
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &member, NULL))
    if (g_ascii_strcasecmp (member, name) == 0)
      return lw_json_get_string (tags, member);
  return NULL;
}

static char *
team_by_tag (const char *scope, const char *tag, LwTagsLookup tags, gpointer user_data)
{
  g_autofree char *group = lw_arm_id_resource_group_scope (scope);
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  const char *const places[] = { group, subscription };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *team = places[i] != NULL ? find_tag (tags (places[i], user_data), tag) : NULL;

      if (team != NULL && team[0] != '\0')
        return g_strdup (team);
    }
  return NULL;
}

char *
lw_portfolio_team (const char *scope,
                   LwRules *rules,
                   LwHierarchy *hierarchy,
                   LwTagsLookup tags,
                   gpointer user_data)
{
  const char *tag = rules != NULL ? lw_rules_team_tag (rules) : NULL;
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  const char *group = NULL;
  const char *name;
  char *team = NULL;

  if (tag != NULL && tags != NULL)
    team = team_by_tag (scope, tag, tags, user_data);
  if (team != NULL)
    return team;
  if (subscription != NULL)
    group = lw_hierarchy_parent (hierarchy, subscription);
  else if (lw_scope_kind (scope) == LW_SCOPE_MANAGEMENT_GROUP)
    group = scope;
  if (group == NULL)
    return g_strdup ("");
  name = lw_hierarchy_display_name (hierarchy, group);
  return name != NULL ? g_strdup (name) : lw_arm_id_name (group);
}

void
lw_cluster_free (LwCluster *self)
{
  if (self == NULL)
    return;
  g_free (self->policy);
  g_free (self->assignment_id);
  g_free (self->team);
  g_ptr_array_unref (self->exemptions);
  g_free (self);
}

static guint
age_in_days (LwExemption *exemption, GDateTime *now)
{
  GTimeSpan age =
      exemption->first_granted != NULL ? g_date_time_difference (now, exemption->first_granted) : 0;

  return age > 0 ? (guint) (age / G_TIME_SPAN_DAY) : 0;
}

static int
compare_ages (gconstpointer a, gconstpointer b)
{
  guint left = *(const guint *) a;
  guint right = *(const guint *) b;

  return (left > right) - (left < right);
}

/* The median over those whose age is known; of an even number the lower of the two in the middle. */
static guint
median_age (GPtrArray *exemptions, GDateTime *now)
{
  g_autoptr (GArray) ages = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (exemptions, i);
      guint age = age_in_days (exemption, now);

      if (exemption->first_granted != NULL)
        g_array_append_val (ages, age);
    }
  if (ages->len == 0)
    return 0;
  g_array_sort (ages, compare_ages);
  return g_array_index (ages, guint, (ages->len - 1) / 2);
}

static LwCluster *
cluster_new (LwExemption *exemption, const char *team, GHashTable *policy_names)
{
  LwCluster *self = g_new0 (LwCluster, 1);
  const char *name =
      policy_names != NULL ? g_hash_table_lookup (policy_names, exemption->assignment_id) : NULL;

  self->assignment_id = g_strdup (exemption->assignment_id);
  self->policy = name != NULL ? g_strdup (name) : lw_arm_id_name (exemption->assignment_id);
  self->team = g_strdup (team);
  self->exemptions = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);
  return self;
}

static int
compare_clusters (gconstpointer a, gconstpointer b)
{
  const LwCluster *left = *(LwCluster *const *) a;
  const LwCluster *right = *(LwCluster *const *) b;
  int order;

  if (left->count != right->count)
    return left->count > right->count ? -1 : 1;
  if (left->median_age_days != right->median_age_days)
    return left->median_age_days > right->median_age_days ? -1 : 1;
  order = g_strcmp0 (left->policy, right->policy);
  if (order == 0)
    order = g_strcmp0 (left->team, right->team);
  return order != 0 ? order : g_strcmp0 (left->assignment_id, right->assignment_id);
}

GPtrArray *
lw_portfolio_clusters (GPtrArray *exemptions,
                       GHashTable *policy_names,
                       GHashTable *teams,
                       GDateTime *now)
{
  GPtrArray *clusters = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_cluster_free);
  g_autoptr (GHashTable) by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (exemptions, i);
      const char *team = teams != NULL ? g_hash_table_lookup (teams, exemption->id) : NULL;
      g_autofree char *assignment = lw_arm_id_key (exemption->assignment_id);
      char *key = g_strconcat (assignment, "\n", team != NULL ? team : "", NULL);
      LwCluster *cluster = g_hash_table_lookup (by_key, key);

      if (cluster == NULL)
        {
          cluster = cluster_new (exemption, team != NULL ? team : "", policy_names);
          g_ptr_array_add (clusters, cluster);
          g_hash_table_insert (by_key, key, cluster);
        }
      else
        g_free (key);
      g_ptr_array_add (cluster->exemptions, lw_exemption_ref (exemption));
    }
  for (guint i = 0; i < clusters->len; i++)
    {
      LwCluster *cluster = g_ptr_array_index (clusters, i);

      cluster->count = cluster->exemptions->len;
      cluster->median_age_days = median_age (cluster->exemptions, now);
    }
  g_ptr_array_sort (clusters, compare_clusters);
  return clusters;
}
