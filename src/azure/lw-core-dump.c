/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-core-dump.h"

#include <fcntl.h>
#include <unistd.h>

void
lw_core_dump_leave_memory_out (void)
{
  static const GDebugKey keys[] = { { "core", 1 } };
  /* ELF headers alone, core(5). A limit on the size would not do: it does not hold for collectors. */
  static const char filter[] = "0x10";
  int fd;

  if (g_parse_debug_string (g_getenv ("LEEWAY_DEBUG"), keys, G_N_ELEMENTS (keys)) != 0)
    return;
  fd = open ("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write (fd, filter, sizeof filter - 1) < 0)
    g_debug ("The filter of core dumps cannot be set");
  close (fd);
}
