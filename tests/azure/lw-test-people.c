/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-people.h"

void
lw_test_people_set_up (LwTestPeople *self, gconstpointer arguments)
{
  self->tenant = lw_test_faulty_new (arguments);
  if (self->tenant == NULL)
    {
      g_test_skip ("The simulated tenant or the openssl command is not here");
      return;
    }
  self->tomas = lw_test_faulty_client (self->tenant, TOMAS, 60000);
  self->priya = lw_test_faulty_client (self->tenant, PRIYA, 60000);
}

void
lw_test_people_tear_down (LwTestPeople *self, gconstpointer arguments)
{
  /* Nothing under way holds on to them. */
  if (self->tomas != NULL)
    g_assert_finalize_object (self->tomas);
  if (self->priya != NULL)
    g_assert_finalize_object (self->priya);
  g_clear_pointer (&self->tenant, lw_test_faulty_free);
}
