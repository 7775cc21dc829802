/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* main() of a program whose sign-ins are kept in a file of libsecret's that goes away with it, or in the
 * keyring that with-keyring gives it. Runs what @add_tests adds. */
int lw_test_keyring_main (int argc, char **argv, void (*add_tests) (void));

G_END_DECLS
