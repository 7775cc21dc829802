# SPDX-License-Identifier: GPL-3.0-or-later
#
# `flatpak/dev peers`: brings other people's programs and runs the tests that need them. They are
# kept apart from the build environment, since nobody else needs a gigabyte of them: Debian's in a
# root of their own, those for Node.js in a folder that carries the sum of their lock file. Read by
# flatpak/dev, whose functions and variables it uses.
# shellcheck shell=sh disable=SC2154

# Debian compiles every module of az when it is installed, which takes three minutes and 700 MB; it
# uses a fiftieth of them. So nothing is compiled then, and what is used, when it is used.
# shellcheck disable=SC2016
uncompiled='chroot "$1" dpkg-divert --quiet --local --no-rename --add \
  --divert /usr/bin/py3compile.real /usr/bin/py3compile && ln -s true "$1/usr/bin/py3compile"'

peers_programs () {
  if [ "$environment" = root ]; then
    sum=$( { packages packages-peers | sort; echo "$suite 1"; } | cksum | cut -d' ' -f1)
    built_in=$root
    ensure_root "$cache/$suite-peers-$sum" packages-peers 1.2 --essential-hook="$uncompiled"
    touch "$built_in"
    return
  fi
  lacks=
  for tool in az node openssl; do
    command -v $tool >/dev/null || lacks="$lacks $tool"
  done
  [ -n "$lacks" ] || return 0
  if [ "$environment" = native ] && is_root && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2046
    apt_install $(packages packages-peers)
  else
    die "missing:$lacks. On Debian: apt-get install azure-cli nodejs openssl"
  fi
}

# Certificate authorities that this machine trusts, for the clients in the root.
host_authorities () {
  for file in "${NODE_EXTRA_CA_CERTS:-}" "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt \
    /etc/pki/tls/certs/ca-bundle.crt; do
    [ -z "$file" ] || [ ! -r "$file" ] || { cat "$file"; return; }
  done
}

# The machine's own npm knows best how packages are reached from here; where there is none, the root's
# corepack brings the one that package.json names.
npm_ci () {
  if command -v npm >/dev/null && npm --version 2>/dev/null | grep -Eq '^([89]|[1-9][0-9])\.'; then
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
  else
    host_authorities >"$cache/home/authorities.pem"
    run sh -ec 'cd "$1"; NODE_EXTRA_CA_CERTS=$2 COREPACK_ENABLE_DOWNLOAD_PROMPT=0 \
      corepack npm ci --ignore-scripts --no-audit --no-fund' sh "$1" "$cache/home/authorities.pem"
  fi
}

make_modules () {
  say "installing packages of Node.js in $modules (about a minute, 0.3 GB; once)"
  started=$(date +%s)
  rm -rf "$cache/home"/npm-making.*
  making=$cache/home/npm-making.$$
  mkdir -p "$making"
  cp "$top/tests/peers/package.json" "$top/tests/peers/package-lock.json" "$making"
  npm_ci "$making" >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    rm -rf "$making"
    die "the packages of Node.js could not be installed; the whole output is in $log"
  }
  mv "$making" "$modules"
  say "they are ready after $(($(date +%s) - started)) s"
}

peers_modules () {
  sum=$(cat "$top/tests/peers/package.json" "$top/tests/peers/package-lock.json" | cksum |
    cut -d' ' -f1)
  modules=$cache/home/npm-$sum
  if [ ! -d "$modules" ]; then
    exec 9>"$cache/npm-lock"
    flock -n 9 || { say "another run is installing packages of Node.js; waiting for it"; flock 9; }
    [ -d "$modules" ] || make_modules
    exec 9>&-
  fi
  touch "$modules"
  find "$cache/home" -maxdepth 1 -name 'npm-*' ! -path "$modules" -mtime +7 -exec rm -rf {} + || :
}

test_peers () {
  build debug
  peers_programs
  peers_modules
  status=0
  run env -u PYTHONDONTWRITEBYTECODE LEEWAY_PEERS="$modules" \
    PYTHONPYCACHEPREFIX="$cache/home/python" \
    meson test -C "$builds/debug" --no-rebuild --print-errorlogs --timeout-multiplier 2 \
    --logbase peers --suite peers "$@" || status=$?
  run python3 "$top/tests/tally.py" "$builds/debug" peers || status=1
  return $status
}
