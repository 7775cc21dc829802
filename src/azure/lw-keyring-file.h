/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "lw-turn.h"

G_BEGIN_DECLS

/*
 * libsecret's own file, as in a Flatpak: each process holds a copy of it, and reads it anew only where its
 * time of change is another by whole seconds than when this process looked last. Two that write at once
 * both succeed, and one of them is lost. So whoever works with it takes a turn, and sees to it that the
 * file's time is another one than it saw last.
 */

/* One's turn at the keyring; nothing of it where the keyring is a service. */
typedef struct
{
  GFile *file;
  LwTurn *turn;
} LwKeyringVisit;

/* Waits for the turn, on a fiber. What libsecret reads from now on is what is there. To be ended with
 * lw_keyring_visit_end(). */
LwKeyringVisit lw_keyring_visit (void);

/* Somebody who takes no turns wrote the file in the meantime: libsecret is to read it once more. */
void lw_keyring_visit_again (LwKeyringVisit *self);

void lw_keyring_visit_end (LwKeyringVisit *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwKeyringVisit, lw_keyring_visit_end)

G_END_DECLS
