/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keeps this program's memory, where tokens are, out of a core dump: what is left tells where it crashed
 * and no more. For main() to call first. LEEWAY_DEBUG=core, for who hunts a crash, lets it be. */
void lw_core_dump_leave_memory_out (void);

G_END_DECLS
