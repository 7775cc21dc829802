/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fault-point.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
#define NAME(id, name) name,
  LW_FAULT_POINTS_EACH (NAME)
#undef NAME
};

const char *
lw_fault_point_get_name (LwFaultPoint point)
{
  g_return_val_if_fail ((guint) point < LW_FAULT_POINT_N, NULL);

  return names[point];
}

static void
note (const char *path, const char *name, int pass)
{
  g_autofree char *line = g_strdup_printf ("%s:%d\n", name, pass);
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  if (fd < 0 || write (fd, line, strlen (line)) != (gssize) strlen (line))
    abort ();
  close (fd);
}

static gboolean
is_meant (const char *die_at, const char *name, int pass)
{
  gsize length = strlen (name);

  if (strncmp (die_at, name, length) != 0)
    return FALSE;

  return die_at[length] == ':' ? atoi (die_at + length + 1) == pass
                               : die_at[length] == '\0' && pass == 1;
}

void
lw_fault_point_pass (LwFaultPoint point)
{
  static int passes[LW_FAULT_POINT_N];
  const char *die_at = g_getenv ("LEEWAY_DIE_AT");
  const char *log = g_getenv ("LEEWAY_FAULT_LOG");
  const char *name = lw_fault_point_get_name (point);
  int pass = g_atomic_int_add (&passes[point], 1) + 1;

  if (log)
    note (log, name, pass);
  if (!die_at || !is_meant (die_at, name, pass))
    return;

  kill (getpid (), SIGKILL);
  for (;;)
    pause ();
}
