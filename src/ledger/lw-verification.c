/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-verify-private.h"

G_DEFINE_BOXED_TYPE (LwVerification, lw_verification, lw_verification_ref, lw_verification_unref)

static void
problem_free (gpointer data)
{
  LwProblem *self = data;

  g_free (self->id);
  g_free (self->request);
  g_free (self->object);
  g_free (self->message);
  g_free (self);
}

static void
clear (gpointer data)
{
  LwVerification *self = data;

  g_ptr_array_unref (self->problems);
}

LwVerification *
lw_verification_ref (LwVerification *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_verification_unref (LwVerification *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

LwVerification *
lw_verification_new (void)
{
  LwVerification *self = g_atomic_rc_box_new0 (LwVerification);

  self->problems = g_ptr_array_new_with_free_func (problem_free);

  return self;
}

gboolean
lw_verification_is_clean (LwVerification *self)
{
  for (guint i = 0; i < self->problems->len; i++)
    {
      const LwProblem *problem = g_ptr_array_index (self->problems, i);

      if (!problem->harmless)
        return FALSE;
    }

  return TRUE;
}

LwProblem *
lw_verification_add (LwVerification *self,
                     const char *id,
                     const char *request,
                     guint seq,
                     const char *object,
                     const char *message)
{
  LwProblem *problem = g_new0 (LwProblem, 1);

  problem->id = g_strdup (id);
  problem->request = g_strdup (request);
  problem->seq = seq;
  problem->object = g_strdup (object);
  problem->message = g_strdup (message);
  g_ptr_array_add (self->problems, problem);

  return problem;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const LwProblem *left = *(const LwProblem *const *) a;
  const LwProblem *right = *(const LwProblem *const *) b;
  int order = g_strcmp0 (left->request, right->request);

  if (order == 0)
    order = (left->seq > right->seq) - (left->seq < right->seq);

  return order != 0 ? order : g_strcmp0 (left->object, right->object);
}

void
lw_verification_sort (LwVerification *self)
{
  g_ptr_array_sort (self->problems, compare);
}
