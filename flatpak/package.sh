# SPDX-License-Identifier: GPL-3.0-or-later
#
# `flatpak/dev flatpak`: builds the Flatpak from its manifest, installs it for this user and looks
# at its window. Read by flatpak/dev, whose functions and variables it uses.
# shellcheck shell=sh disable=SC2154

user_installation=${FLATPAK_USER_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/flatpak}
app_id=org.leeway.Leeway
manifest=$top/flatpak/$app_id.json
standin_remote=leeway-standin
platform=org.gnome.Platform
sdk=org.gnome.Sdk

# --- programs --------------------------------------------------------------------------------

flatpak_tools () {
  missing=
  for tool in flatpak flatpak-builder ostree eu-strip; do
    command -v $tool >/dev/null || missing="$missing $tool"
  done
  # flatpak reads our icon with what the machine has, and refuses the export where it can't
  if [ -f /etc/debian_version ] &&
    ! ls /usr/lib/*/gdk-pixbuf-2.0/*/loaders/*svg* >/dev/null 2>&1; then
    missing="$missing librsvg2-common"
  fi
  [ -z "$missing" ] && return
  if is_root && command -v apt-get >/dev/null; then
    apt_install flatpak flatpak-builder ostree elfutils librsvg2-common
  else
    die "missing:$missing. Ask an administrator for the packages flatpak, flatpak-builder, ostree, \
elfutils and librsvg2-common"
  fi
}

# --- the runtime -----------------------------------------------------------------------------

# runtime_origin NAME: the remote an installed runtime of that name and our branch came from
runtime_origin () { flatpak info --show-origin "$1//$branch" 2>/dev/null || :; }

# The first configured remote, other than the stand-in, that offers the Sdk; with how to reach it.
offering_remote () {
  for installation in --user --system; do
    flatpak remotes $installation --columns=name 2>/dev/null | while read -r remote; do
      case $remote in "$standin_remote"|*-origin) continue ;; esac
      timeout 30 flatpak remote-info $installation "$remote" "$sdk//$branch" >/dev/null 2>&1 ||
        continue
      echo "$installation $remote"
      break
    done
  done | head -n 1
}

flatpak_runtime () {
  branch=$(sed -n 's/.*"runtime-version": *"\([^"]*\)".*/\1/p' "$manifest")
  [ -n "$branch" ] || die "$manifest names no runtime-version"
  origins="$(runtime_origin $platform) $(runtime_origin $sdk)"
  case $origins in
    ' '|*' '|' '*|*"$standin_remote"*) ;;
    *) say "using the installed $platform//$branch (from $origins)"; return ;;
  esac
  offer=$(offering_remote)
  if [ -n "$offer" ]; then
    case $origins in
      *"$standin_remote"*)
        say "a remote offers $platform//$branch now; removing the stand-in for it"
        flatpak uninstall --user -y --noninteractive --force-remove "$platform//$branch" \
          "$sdk//$branch" >"$log" 2>&1 || : ;;
    esac
    say "installing $platform//$branch and $sdk//$branch from ${offer#* }"
    # shellcheck disable=SC2086
    flatpak install -y --noninteractive $offer "$platform//$branch" "$sdk//$branch" \
      >"$log" 2>&1 </dev/null || {
      tail -n 20 "$log" >&2
      die "the runtime could not be installed; the whole output is in $log"
    }
    return
  fi
  standin_runtime
}

# --- the stand-in ----------------------------------------------------------------------------

# export_standin NAME [EXCLUDE…]: the root as a runtime of that name, into the stand-in repository
export_standin () {
  name=$1
  shift
  here=$making/$name
  mkdir -p "$here/files" "$here/var"
  # hard links: nothing is copied before the repository takes it
  cp -al "$root/usr" "$here/usr"
  rm -rf "${here:?}/usr/local" "$here/usr/src" "$here/usr/share/doc" "$here/usr/share/man"
  cp -al "$root/etc" "$here/usr/etc"
  rm -f "$here"/usr/etc/*shadow* "$here"/usr/etc/passwd* "$here"/usr/etc/group*
  # where Flatpak looks for it, to index the libraries of the application
  [ -e "$here/usr/bin/ldconfig" ] || ln -s ../sbin/ldconfig "$here/usr/bin/ldconfig"
  cat >"$here/metadata" <<END
[Runtime]
name=$name
runtime=$platform/$arch/$branch
sdk=$sdk/$arch/$branch
END
  for pattern in "$@"; do set -- "$@" "--exclude=$pattern"; shift; done
  flatpak build-export --runtime --files=usr --disable-sandbox --subject="Stand-in for $name" "$@" \
    "$making/repo" "$here" "$branch" >"$making/$name.log" 2>&1 || {
    tail -n 20 "$making/$name.log" >&2
    return 1
  }
}

make_standin () {
  say "making a stand-in for $platform//$branch from the Debian 13 root (once, about 1.4 GB)"
  started=$(date +%s)
  making=$cache/standin-making.$$
  rm -rf "$cache"/standin-making.*
  trap 'rm -rf "$making"' EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -p "$making"
  # stored as installed, so that installing is a matter of hard links
  ostree --repo="$making/repo" init --mode=bare-user-only
  export_standin $sdk &
  exporting=$!
  # what only a build needs is left out here, so that the program shows that it can do without
  export_standin $platform '/include' '/lib/gcc*' '/libexec/gcc*' '/lib/llvm*' '/lib/git-core' \
    '/lib/debug' '/lib/python3*' "/lib/*-linux-gnu/*.a" "/lib/*-linux-gnu/libclang*" \
    "/lib/*-linux-gnu/pkgconfig" || {
    wait $exporting
    die 'the stand-in runtime could not be exported'
  }
  wait $exporting || die 'the stand-in Sdk could not be exported'
  ostree --repo="$making/repo" summary --update
  mv "$making/repo" "$standin"
  rm -rf "$making"
  trap - EXIT INT TERM HUP
  say "the stand-in is ready after $(($(date +%s) - started)) s"
}

standin_runtime () {
  say "NOTE: no configured remote offers $platform//$branch, so a STAND-IN made of Debian 13"
  say "  packages takes its name. It builds and runs the real manifest, but is not GNOME's own"
  say "  runtime. Add a remote that has it, and the next run will use that."
  ensure_root
  arch=$(flatpak --default-arch)
  standin=$cache/standin-${root##*-}-$branch-1
  if [ ! -d "$standin" ]; then
    exec 9>"$cache/standin-lock"
    flock -n 9 || { say "another run is making the stand-in; waiting for it"; flock 9; }
    [ -d "$standin" ] || make_standin
    exec 9>&-
  fi
  touch "$standin"
  find "$cache" -maxdepth 1 -name 'standin-*-*' ! -path "$standin" -mtime +7 -exec rm -rf {} + || :

  wanted="$(cat "$standin/refs/heads/runtime/$platform/$arch/$branch") \
$(cat "$standin/refs/heads/runtime/$sdk/$arch/$branch")"
  installed="$(flatpak info --user --show-commit "$platform//$branch" 2>/dev/null || :) \
$(flatpak info --user --show-commit "$sdk//$branch" 2>/dev/null || :)"
  [ "$wanted" != "$installed" ] || return 0
  {
    flatpak remote-delete --user --force $standin_remote 2>/dev/null || :
    flatpak remote-add --user --no-gpg-verify --no-enumerate $standin_remote "file://$standin" &&
      flatpak install --user -y --noninteractive --reinstall $standin_remote \
        "$platform//$branch" "$sdk//$branch"
  } >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    die "the stand-in could not be installed; the whole output is in $log"
  }
}

# --- the package -----------------------------------------------------------------------------

# A word for everything the package is made of, to tell whether it must be built anew.
package_stamp () {
  {
    (cd "$top" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - \
      data flatpak/$app_id.json meson.build meson.options po src)
    flatpak info --show-commit "$sdk//$branch"
  } | sha256sum | cut -c1-32
}

# Runtimes dropped appstream-compose, which flatpak-builder before 1.3.4 calls in them: those get a
# copy of the manifest that says so. Prints the path of the manifest to use.
manifest_to_use () {
  version=$(flatpak-builder --version | sed 's/[^0-9]*//')
  oldest=$(printf '%s\n1.3.4\n' "$version" | sort -V | head -n 1)
  if [ "$oldest" = 1.3.4 ]; then
    echo "$manifest"
    return
  fi
  folder=$(printf '%s\n' "$top" | sed 's/[\\/&"]/\\&/g')
  sed -e "s/\"path\": *\"\.\.\"/\"path\": \"$folder\"/" \
    -e 's/^  "command"/  "appstream-compose": false,\n&/' "$manifest" >"$made/$app_id.json"
  echo "$made/$app_id.json"
}

flatpak_build () {
  made=$builds/flatpak
  mkdir -p "$made"
  wanted=$(package_stamp)
  if [ "$(cat "$made/stamp" 2>/dev/null)" = "$wanted $(app_commit)" ]; then
    say "the installed Flatpak is up to date"
    return
  fi
  rm -f "$made/stamp"
  say "building the Flatpak from flatpak/$app_id.json"
  flatpak-builder --user --install --force-clean --disable-rofiles-fuse --disable-cache \
    --delete-build-dirs --state-dir="$made/state" "$made/app" "$(manifest_to_use)" \
    >"$log" 2>&1 </dev/null || {
    grep -v -e '^\[[0-9]*/[0-9]*\]' -e '^Compiler for C' -e ' found: YES' "$log" | tail -n 40 >&2
    die "the Flatpak could not be built; the whole output is in $log"
  }
  sed -n '/warning:/p' "$log" >&2
  echo "$wanted $(app_commit)" >"$made/stamp"
}

app_commit () { flatpak info --user --show-commit "$app_id" 2>/dev/null || echo none; }

# The package may do what the manifest is meant to ask for, and nothing else.
flatpak_permissions () {
  granted=$(flatpak info --user --show-permissions $app_id | sed '/^$/d')
  wanted='[Context]
shared=network;ipc;
sockets=x11;wayland;fallback-x11;
devices=dri;'
  [ "$granted" = "$wanted" ] || {
    printf '%s\n' "$granted" >&2
    die "the Flatpak asks for other permissions than it should (above)"
  }
}

flatpak_metainfo () {
  location=$(flatpak info --user --show-location $app_id)
  share=$location/files/share
  # flatpak-builder before 1.3.4 moves it
  cp "$share/metainfo/$app_id.metainfo.xml" "$made/" 2>/dev/null ||
    cp "$share/appdata/$app_id.appdata.xml" "$made/$app_id.metainfo.xml" ||
    die "the Flatpak carries no metainfo"
  cp "$share/applications/$app_id.desktop" "$made/" || die "the Flatpak carries no desktop file"
  run appstreamcli validate --no-net --explain "$made/$app_id.metainfo.xml" >"$log" 2>&1 || {
    cat "$log" >&2
    die "appstreamcli refuses the metainfo of the Flatpak"
  }
  run desktop-file-validate "$made/$app_id.desktop" ||
    die "desktop-file-validate refuses the desktop file of the Flatpak"
}

# --- its window ------------------------------------------------------------------------------

# Opens the installed package on a screen and a session bus of its own and looks at the window.
flatpak_window () (
  seat=$(mktemp -d /tmp/lw.XXXXXX) # short: socket paths end at 108 bytes
  app=
  stop () {
    trap - EXIT INT TERM HUP
    flatpak kill "$app_id" >/dev/null 2>&1 || :
    exec 7>&- # the seat ends with this
    [ -z "$app" ] || wait "$app" 2>/dev/null || :
    wait || :
    rm -rf "$seat"
  }
  trap stop EXIT
  trap 'exit 130' INT TERM HUP
  chmod 700 "$seat"
  mkfifo "$seat/hold"
  exec 7<>"$seat/hold"
  [ -d /tmp/.X11-unix ] || mkdir -m 1777 /tmp/.X11-unix
  unset WAYLAND_DISPLAY XAUTHORITY SESSION_MANAGER
  export XDG_RUNTIME_DIR="$seat" DBUS_SESSION_BUS_ADDRESS="unix:path=$seat/bus" DISPLAY=
  # shellcheck disable=SC2034 # for run
  display=yes
  # nobody else may hold the other end of the seat, or it would never end
  (exec 7>&-; run "$top/flatpak/seat" "$seat") >"$made/seat.log" 2>&1 &
  tries=0
  until [ -s "$seat/display" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat "$made/seat.log" >&2; die 'the virtual screen did not start'; }
    sleep 0.1
  done
  DISPLAY=$(cat "$seat/display")
  say "opening the window of the Flatpak on the simulated tenant"
  # a home of its own, so that the person's own Leeway is left alone
  HOME=$seat FLATPAK_USER_DIR=$user_installation \
    flatpak run --user --env=GDK_BACKEND=x11 --env=GSK_RENDERER=cairo \
    --env=G_DEBUG=fatal-criticals $app_id --demo >"$made/app.log" 2>&1 </dev/null 7>&- &
  app=$!
  run "$top/flatpak/see-window" "$made" || {
    tail -n 20 "$made/app.log" >&2
    die "the window of the Flatpak is not as it should be"
  }
)

make_flatpak () {
  started_all=$(date +%s)
  [ "$environment" != inside ] ||
    die "a Flatpak cannot be built from within the build root: leave it and try again"
  flatpak_tools
  flatpak_runtime
  flatpak_build
  flatpak_permissions
  flatpak_metainfo
  flatpak_window
  say "done after $(($(date +%s) - started_all)) s: the picture is $made/window.png, and"
  say "  flatpak run $app_id --demo"
  say "opens it"
}
