/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long the narrowing engine takes: to be told of the resources, and to answer. A tenant of 20 management
 * groups, a subscription for each 500 resources, 5 resource groups in each; 40 policies; a hundred resources
 * need something. */

#include <stdlib.h>
#include <time.h>

#include "lw-json.h"
#include "lw-narrow.h"

#define MG     "/providers/Microsoft.Management/managementGroups/mg-"
#define ROUNDS 7

static const char *const types[] = {
  "Microsoft.Storage/storageAccounts",
  "Microsoft.KeyVault/vaults",
  "Microsoft.CognitiveServices/accounts",
  "Microsoft.Compute/virtualMachines",
  "Microsoft.MachineLearningServices/workspaces",
  "Microsoft.Network/networkInterfaces",
};
static const char *const places[] = { "westeurope", "northeurope", "swedencentral" };

static char *
resource_id (guint i)
{
  guint sub = i / 500;

  return g_strdup_printf (
      "/subscriptions/00000000-0000-4000-8000-%012u/resourceGroups/rg-platform-%u/"
      "providers/%s/resource-%u",
      sub, i % 5, types[i % G_N_ELEMENTS (types)], i);
}

static LwNarrow *
ask (guint resources)
{
  LwNarrow *self = lw_narrow_new ();
  char *references[5] = { NULL };

  lw_narrow_set_assignment (self, MG "0", "Default");
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *id = g_strdup_printf (MG "%u", i);
      g_autofree char *parent = g_strdup_printf (MG "%u", i / 3);

      lw_narrow_add_scope (self, id, i > 0 ? parent : NULL);
    }
  for (guint i = 0; i <= resources / 500; i++)
    {
      g_autofree char *id = g_strdup_printf ("/subscriptions/00000000-0000-4000-8000-%012u", i);
      g_autofree char *parent = g_strdup_printf (MG "%u", i % 20);

      lw_narrow_add_scope (self, id, parent);
    }
  for (guint i = 0; i < resources; i++)
    {
      g_autofree char *id = resource_id (i);

      for (guint j = 0; j < 4; j++)
        references[j] = g_strdup_printf ("policy-%u", (i * 7 + j * 11) % 40);
      lw_narrow_add_resource (self, id, types[i % G_N_ELEMENTS (types)],
                              places[i % G_N_ELEMENTS (places)], NULL,
                              (const char *const *) references);
      if (i % MAX (resources / 100, 1) == 0)
        lw_narrow_add_need (self, id, NULL, NULL, (const char *[]) { references[0], NULL });
      for (guint j = 0; j < 4; j++)
        g_free (references[j]);
    }
  return self;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* What this program has had of the processor, in milliseconds: others may be at work beside it. */
static double
used (void)
{
  return (double) clock () * 1000.0 / CLOCKS_PER_SEC;
}

static double
measure (guint resources)
{
  double told[ROUNDS];
  double run[ROUNDS];
  guint options = 0;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      double start = used ();
      g_autoptr (LwNarrow) self = ask (resources);
      g_autoptr (LwNarrowResult) result = NULL;

      told[i] = used () - start;
      start = used ();
      result = lw_narrow_run (self, &error);
      run[i] = used () - start;
      g_assert_no_error (error);
      options = result->options->len;
    }
  qsort (told, ROUNDS, sizeof *told, compare);
  qsort (run, ROUNDS, sizeof *run, compare);
  g_print ("%7u resources: told in %6.1f ms, answered in %6.1f ms (%u options)\n", resources,
           told[ROUNDS / 2], run[ROUNDS / 2], options);
  return run[ROUNDS / 2];
}

int
main (void)
{
  measure (1000);
  measure (10000);
  /* What was promised, with room for a slow machine. */
  return measure (100000) < 250 ? 0 : 1;
}
