/* SPDX-License-Identifier: GPL-3.0-or-later */

#define _GNU_SOURCE /* renameat2 */

#include "config.h"

#include "lw-fault-point.h"
#include "lw-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SIZE  (64 * 1024 * 1024)
#define MAX_DEPTH 6

typedef int Descriptor;

static void
close_descriptor (Descriptor *fd)
{
  int saved = errno;

  if (*fd >= 0)
    close (*fd);
  errno = saved;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Descriptor, close_descriptor)

static void
set_error (GError **error, int saved, const char *root, const char *path)
{
  LwLedgerError code = LW_LEDGER_ERROR_UNREACHABLE;
  g_autofree char *where = path ? g_build_filename (root, path, NULL) : g_strdup (root);
  g_autofree char *shown = g_filename_display_name (where);
  g_autofree char *message = NULL;

  switch (saved)
    {
    case EEXIST:
      code = LW_LEDGER_ERROR_TAKEN;
      message = g_strdup_printf (_ ("%s is there already"), shown);
      break;
    case ENOENT:
      code = LW_LEDGER_ERROR_NOT_FOUND;
      message = g_strdup_printf (_ ("%s is not there"), shown);
      break;
    case EACCES:
    case EPERM:
      code = LW_LEDGER_ERROR_REFUSED;
      message =
          g_strdup_printf (_ ("Your account may not do this in the ledger’s folder: %s. Ask who "
                              "runs the share for the right"),
                           shown);
      break;
    case EROFS:
      code = LW_LEDGER_ERROR_REFUSED;
      message = g_strdup_printf (_ ("The ledger’s folder is read-only: %s"), shown);
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      code = LW_LEDGER_ERROR_REFUSED;
      message =
          g_strdup_printf (_ ("There is no space left for the ledger: %s. Nothing was written; "
                              "try again once there is room"),
                           shown);
      break;
    case ENOTDIR:
    case ELOOP:
    case EISDIR:
      code = LW_LEDGER_ERROR_BROKEN;
      message =
          g_strdup_printf (_ ("Something that is no part of a ledger is in its place: %s"), shown);
      break;
    default:
      message = g_strdup_printf (_ ("The ledger’s folder cannot be used now: %s (%s)"), shown,
                                 g_strerror (saved));
      break;
    }

  g_set_error_literal (error, LW_LEDGER_ERROR, code, message);
}

static void
set_root_error (GError **error, int saved, const char *root)
{
  if (saved == ENOENT)
    {
      g_autofree char *shown = g_filename_display_name (root);

      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
                   _ ("The ledger’s folder %s is not there. If it is on a share, connect it"),
                   shown);
    }
  else
    set_error (error, saved, root, NULL);
}

/* Some network file systems cannot sync a folder and say so with EINVAL. */
static gboolean
sync_folder (int fd)
{
  return fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EBADF;
}

/* Where whoever set up the ledger gave a group rights in a folder (the set-group-ID bit says so), what is
 * made in it belongs to that group, and a person's umask must not keep the others out. */
static gboolean
is_shared (int folder, struct stat *info)
{
  return fstat (folder, info) == 0 && (info->st_mode & S_ISGID) != 0;
}

/* Makes a folder with the rights of the shared one it is in. */
static gboolean
make_folder (int parent, const char *name)
{
  struct stat info;
  g_auto (Descriptor) fd = -1;

  if (mkdirat (parent, name, 0777) < 0)
    return errno == EEXIST;

  LW_FAULT_POINT (FOLDER_MADE);
  if (is_shared (parent, &info) &&
      (fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) >= 0)
    fchmod (fd, info.st_mode & 07777);

  return TRUE;
}

static char *
join_segments (char **segments, guint n)
{
  GString *path = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (path, "%s%s", i > 0 ? "/" : "", segments[i]);

  return g_string_free_and_steal (path);
}

/* Opens the folder of @segments below @root; with @create makes what is missing and syncs it. */
static int
open_folder (const char *root, char **segments, guint n_segments, gboolean create, GError **error)
{
  g_auto (Descriptor) fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      set_root_error (error, errno, root);
      return -1;
    }

  for (guint i = 0; i < n_segments; i++)
    {
      int next = openat (fd, segments[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

      if (next < 0 && errno == ENOENT && create)
        {
          if (make_folder (fd, segments[i]) && sync_folder (fd))
            next = openat (fd, segments[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }

      if (next < 0)
        {
          int saved = errno;
          g_autofree char *path = join_segments (segments, i + 1);

          set_error (error, saved, root, path);
          return -1;
        }

      close (fd);
      fd = next;
    }

  return g_steal_fd (&fd);
}

gboolean
lw_folder_prepare (const char *root, GError **error)
{
  g_auto (Descriptor) fd = -1;

  if (mkdir (root, 0777) < 0 && errno != EEXIST)
    {
      g_autofree char *shown = g_filename_display_name (root);

      if (errno != ENOENT)
        set_error (error, errno, root, NULL);
      else
        g_set_error (
            error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
            _ ("The ledger’s folder %s is not there, nor is the folder above it. If it is on "
               "a share, connect it"),
            shown);
      return FALSE;
    }

  if ((fd = open_folder (root, NULL, 0, FALSE, error)) < 0)
    return FALSE;

  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    {
      if (mkdirat (fd, lw_shelf_to_string (i), 0777) == 0)
        {
          LW_FAULT_POINT (FOLDER_SHELF);
          sync_folder (fd);
        }
    }

  return TRUE;
}

static gboolean
write_all (int fd, GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  while (size > 0)
    {
      gssize n = write (fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      size -= n;
    }

  return TRUE;
}

/* In two parts, so that the tests can end it in between. */
static gboolean
write_and_sync (int fd, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, size / 2);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (bytes, size / 2, size - size / 2);

  if (!write_all (fd, first))
    return FALSE;
  LW_FAULT_POINT (FOLDER_HALF);
  if (!write_all (fd, second))
    return FALSE;
  LW_FAULT_POINT (FOLDER_WRITTEN);
  if (fsync (fd) < 0)
    return FALSE;
  LW_FAULT_POINT (FOLDER_SYNCED);

  return TRUE;
}

static char *
make_temporary_name (void)
{
  guint64 random = 0;

  if (getrandom (&random, sizeof random, 0) != sizeof random)
    random = g_random_int () ^ (guint64) g_get_monotonic_time ();

  return g_strdup_printf (".lw-%d-%016" G_GINT64_MODIFIER "x", (int) getpid (), random);
}

/* 0, or the errno. The temporary name is gone afterwards, or is left to be removed. */
static int
give_name (int folder, int file, const char *temporary, const char *name)
{
  struct stat info;
  int saved;

  if (linkat (folder, temporary, folder, name, 0) == 0)
    return 0;

  saved = errno;

  /* A network file system may answer EEXIST to the repetition of a call that it carried out. */
  if (saved == EEXIST)
    return fstat (file, &info) == 0 && info.st_nlink == 2 ? 0 : EEXIST;

  if (saved != EPERM && saved != ENOSYS && saved != EOPNOTSUPP && saved != EMLINK)
    return saved;

  if (renameat2 (folder, temporary, folder, name, RENAME_NOREPLACE) == 0)
    return 0;

  return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? EOPNOTSUPP : errno;
}

static gboolean
put_in_folder (int folder,
               const char *root,
               const char *path,
               const char *name,
               GBytes *bytes,
               GError **error)
{
  g_autofree char *temporary = make_temporary_name ();
  g_auto (Descriptor) file = -1;
  struct stat info;
  int result = 0;

  if (fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    {
      set_error (error, EEXIST, root, path);
      return FALSE;
    }

  /* Read-only from the start: nothing of a ledger is ever written twice. */
  file = openat (folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
  if (file < 0)
    {
      set_error (error, errno, root, path);
      return FALSE;
    }

  LW_FAULT_POINT (FOLDER_OPENED);
  if (is_shared (folder, &info))
    fchmod (file, info.st_mode & 0444);
  if (!write_and_sync (file, bytes))
    result = errno;
  else
    result = give_name (folder, file, temporary, name);
  if (result == 0)
    LW_FAULT_POINT (FOLDER_LINKED);

  unlinkat (folder, temporary, 0);
  if (result == 0)
    LW_FAULT_POINT (FOLDER_UNLINKED);

  if (result == 0 && !sync_folder (folder))
    result = errno;
  if (result == 0)
    LW_FAULT_POINT (FOLDER_DONE);

  if (result == EOPNOTSUPP)
    {
      g_autofree char *shown = g_filename_display_name (root);

      g_set_error (
          error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
          _ ("The file system of %s can neither link nor rename without replacing, so two "
             "people could overwrite each other. Keep the ledger on another disk or share"),
          shown);
      return FALSE;
    }

  if (result != 0)
    {
      set_error (error, result, root, path);
      return FALSE;
    }

  return TRUE;
}

gboolean
lw_folder_put_new (const char *root, const char *path, GBytes *bytes, GError **error)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  guint n = g_strv_length (segments);
  g_auto (Descriptor) folder = -1;

  g_return_val_if_fail (n > 1, FALSE);

  if ((folder = open_folder (root, segments, n - 1, TRUE, error)) < 0)
    return FALSE;

  return put_in_folder (folder, root, path, segments[n - 1], bytes, error);
}

static GBytes *
read_file (int file, gsize size)
{
  g_autofree char *data = g_malloc (size + 1);
  gsize length = 0;

  while (length < size)
    {
      gssize n = read (file, data + length, size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      if (n == 0)
        break;
      length += n;
    }

  return g_bytes_new_take (g_steal_pointer (&data), length);
}

GBytes *
lw_folder_get (const char *root, const char *path, GError **error)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  guint n = g_strv_length (segments);
  g_auto (Descriptor) folder = -1;
  g_auto (Descriptor) file = -1;
  struct stat info;
  GBytes *bytes;

  g_return_val_if_fail (n > 1, NULL);

  if ((folder = open_folder (root, segments, n - 1, FALSE, error)) < 0)
    return NULL;

  file = openat (folder, segments[n - 1], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0 || fstat (file, &info) < 0)
    {
      set_error (error, errno, root, path);
      return NULL;
    }

  if (!S_ISREG (info.st_mode) || info.st_size > MAX_SIZE)
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
                   _ ("%s is no object of a ledger: not a file, or far too large"), path);
      return NULL;
    }

  if (!(bytes = read_file (file, info.st_size)))
    set_error (error, errno, root, path);

  return bytes;
}

typedef struct
{
  LwListing *found;
  const char *prefix;
} Listing;

static void
close_dir (DIR **dir)
{
  if (*dir)
    closedir (*dir);
}

typedef DIR *Dir;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Dir, close_dir)

static gboolean list_folder (Listing *listing, int folder, const char *within, guint depth);

/* What changes when a file is written again, even where its time is set back. */
static char *
describe_file (const struct stat *info)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT
                          ".%09ld %" G_GUINT64_FORMAT,
                          (gint64) info->st_size, (gint64) info->st_mtim.tv_sec,
                          info->st_mtim.tv_nsec, (gint64) info->st_ctim.tv_sec,
                          info->st_ctim.tv_nsec, (guint64) info->st_ino);
}

static gboolean
list_entry (Listing *listing, int folder, const char *entry, char *name, guint depth)
{
  struct stat info;

  if (fstatat (folder, entry, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT;

  if (S_ISDIR (info.st_mode) && depth < MAX_DEPTH)
    {
      g_auto (Descriptor) next =
          openat (folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

      return next >= 0 && list_folder (listing, next, name, depth + 1);
    }
  if (g_str_has_prefix (name, listing->prefix))
    {
      g_autofree char *stamp = describe_file (&info);

      lw_listing_add (listing->found, name, stamp);
      if (!S_ISREG (info.st_mode))
        lw_listing_get (listing->found, listing->found->objects->len - 1)->stray = TRUE;
    }

  return TRUE;
}

static gboolean
list_folder (Listing *listing, int folder, const char *within, guint depth)
{
  int copy = fcntl (folder, F_DUPFD_CLOEXEC, 0);
  g_auto (Dir) dir = copy < 0 ? NULL : fdopendir (copy);
  struct dirent *entry;

  if (!dir)
    return FALSE;

  while ((errno = 0, entry = readdir (dir)))
    {
      g_autofree char *name =
          *within ? g_strconcat (within, "/", entry->d_name, NULL) : g_strdup (entry->d_name);
      gsize common = MIN (strlen (name), strlen (listing->prefix));

      if (entry->d_name[0] == '.' || strncmp (name, listing->prefix, common) != 0)
        continue;
      if (!list_entry (listing, folder, entry->d_name, name, depth))
        return FALSE;
    }

  return errno == 0;
}

LwListing *
lw_folder_survey (const char *root, const char *shelf, const char *prefix, GError **error)
{
  g_autoptr (LwListing) found = lw_listing_new ();
  Listing listing = { found, prefix };
  const char *slash = strrchr (prefix, '/');
  g_autofree char *within = g_strndup (prefix, slash ? slash - prefix : 0);
  g_autofree char *path = slash ? g_strconcat (shelf, "/", within, NULL) : g_strdup (shelf);
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);
  g_auto (Descriptor) folder = -1;
  g_autoptr (GError) local_error = NULL;

  folder = open_folder (root, segments, g_strv_length (segments), FALSE, &local_error);
  if (folder < 0)
    {
      /* What nobody made yet holds nothing. */
      if (g_error_matches (local_error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
        return g_steal_pointer (&found);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  if (!list_folder (&listing, folder, within, 0))
    {
      set_error (error, errno ? errno : EIO, root, path);
      return NULL;
    }

  lw_listing_sort (found);

  return g_steal_pointer (&found);
}

GStrv
lw_folder_list (const char *root, const char *shelf, const char *prefix, GError **error)
{
  g_autoptr (LwListing) found = lw_folder_survey (root, shelf, prefix, error);

  return found ? lw_listing_dup_names (found) : NULL;
}
