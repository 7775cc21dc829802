/* SPDX-License-Identifier: GPL-3.0-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "lw-task.h"
#include "lw-turn.h"

#define FIRST_LOOK_MS 2
#define LAST_LOOK_MS  40

struct _LwTurn
{
  int fd;
};

static int
open_file (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "leeway", NULL);
  g_autofree char *path = g_build_filename (folder, "turns", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return -1;
  return open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

LwTurn *
lw_turn_take (const char *what, guint patience_ms)
{
  /* Of the open file, not of the process, which may want it more than once. */
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
  gint64 end = g_get_monotonic_time () + (gint64) patience_ms * 1000;
  g_autofd int fd = open_file ();
  guint wait_ms = FIRST_LOOK_MS;
  LwTurn *self;

  lock.l_start = (off_t) g_str_hash (what);
  if (fd < 0)
    return NULL;
  while (fcntl (fd, F_OFD_SETLK, &lock) != 0)
    {
      if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || g_get_monotonic_time () >= end)
        return NULL;
      if (!lw_sleep ((guint) g_random_int_range ((gint32) wait_ms, 2 * (gint32) wait_ms)))
        return NULL;
      wait_ms = MIN (2 * wait_ms, LAST_LOOK_MS);
    }
  self = g_new0 (LwTurn, 1);
  self->fd = g_steal_fd (&fd);
  return self;
}

void
lw_turn_free (LwTurn *self)
{
  close (self->fd);
  g_free (self);
}
