#!/usr/bin/env bash
# Builds the Dockerfile and runs the image, without a container engine: by Debian's buildah, in a chroot, on a base image made
# here. Needs root on Debian with the packages buildah, debootstrap and postgresql, and takes about four minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin"

for program in buildah debootstrap psql setpriv; do
  command -v "$program" > /dev/null || { echo "Not run: $program is missing. apt-get install buildah debootstrap postgresql" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo 'Not run: only root can make the base image.' >&2; exit 1; }
postgres_bin=$(pg_config --bindir 2> /dev/null || dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")

work=$(mktemp -d /var/tmp/rosterport-container-XXXXXX)
buildah() { command buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }
finish() {
  [ -z "${service-}" ] || kill -KILL "$service" 2> /dev/null || true
  [ ! -e "$work/database/postmaster.pid" ] || setpriv --reuid postgres --regid postgres --clear-groups "$postgres_bin/pg_ctl" -D "$work/database" -m immediate stop > /dev/null || true
  buildah rm --all > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
check() { # what, found, expected
  [ "$2" = "$3" ] || { echo "FAILED: $1: $2, expected $3" >&2; exit 1; }
  echo "ok: $1: $2"
}

echo '## Base image: Debian, the pinned Node, npm, a user node of uid 1000'
debootstrap --variant=minbase --include=ca-certificates,libatomic1 bookworm "$work/base" > "$work/debootstrap.log" ||
  { tail "$work/debootstrap.log" >&2; exit 1; }
rm -rf "$work/base/var/cache/apt" "$work/base/var/lib/apt/lists"
cp "node_modules/node-linux-$(node -p process.arch)/bin/node" "$work/base/usr/local/bin/node"
mkdir -p "$work/base/usr/local/lib/node_modules"
cp -r "$(npm root --global)/npm" "$work/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
chroot "$work/base" useradd --uid 1000 --create-home node
# The registry and its certificate authority are those of this machine.
cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/ca-certificates.crt"
printf 'registry=%s\ncafile=/etc/ssl/certs/ca-certificates.crt\n' "$(npm config get registry)" > "$work/base/root/.npmrc"
base=$(buildah from scratch)
buildah add --quiet "$base" "$work/base" / > /dev/null
buildah commit --quiet "$base" localhost/rosterport-base > /dev/null
buildah rm "$base" > /dev/null
rm -rf "$work/base"

echo '## Image'
buildah build --isolation chroot --pull=never --network host --build-arg NODE_IMAGE=localhost/rosterport-base \
  --tag localhost/rosterport . > "$work/build.log" 2>&1 || { tail -30 "$work/build.log" >&2; exit 1; }
container=$(buildah from --pull=never localhost/rosterport)
root=$(buildah mount "$container")
echo "Size of the image: $(du -sm "$root" | cut -f1) MB, of it the program: $(du -sm "$root/app" | cut -f1) MB"

echo '## Database, prepared as compose.yaml prepares it'
install -d -o postgres -g postgres -m 700 "$work/database" && chmod 711 "$work"
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
as_postgres "$postgres_bin/initdb" -D "$work/database" --auth-local trust --auth-host scram-sha-256 > /dev/null
port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
as_postgres "$postgres_bin/pg_ctl" -D "$work/database" -w -l "$work/database/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/database -c fsync=off" start > /dev/null
echo test-of-the-container > "$work/database_password"
PGHOST="$work/database" PGPORT="$port" DATABASE_PASSWORD_FILE="$work/database_password" ops/postgres-init.sh
query() { PGPASSWORD=test-of-the-container psql -h 127.0.0.1 -p "$port" -U rosterport -d rosterport -Atc "$1"; }
check 'the service is no superuser of the database' "$(query 'select rolsuper from pg_roles where rolname = current_user')" f

echo '## Service'
# As Docker makes the volume: for the image's user alone.
printf 'postgres://rosterport:test-of-the-container@127.0.0.1:%s/rosterport' "$port" > "$root/run/database_url"
chown 1000 "$root/run/database_url" && chmod 600 "$root/run/database_url"
# chroot has no place for a volume: the folder itself is used.
buildah run --isolation chroot --network host --env DATABASE_URL_FILE=/run/database_url --env HTTP_PORT=0 --env FTP_PORT=0 \
  --env SFTP_PORT=0 --env HTTP_HOST=127.0.0.1 --env FTP_HOST=127.0.0.1 "$container" -- \
  node --max-semi-space-size=8 dist/main.js serve > "$work/log" 2>&1 &
runner=$!
for _ in {1..60}; do
  grep -q '"msg":"ready"' "$work/log" && break
  kill -0 "$runner" 2> /dev/null || break
  sleep 1
done
grep -q '"msg":"ready"' "$work/log" || { echo 'FAILED: not ready' >&2; cat "$work/log" >&2; exit 1; }
# The innermost of the processes that run it.
service=$runner
while child=$(pgrep --parent "$service" | head -1) && [ -n "$child" ]; do service=$child; done
check 'the first password is printed' "$(grep -c 'one-time password' "$work/log")" 1
check 'no role of the database is missing' "$(grep -c 'running as the owner' "$work/log" || true)" 0
check 'user of the service' "$(awk '/^Uid:/{print $2}' "/proc/$service/status")" 1000
http=$(grep '"msg":"ready"' "$work/log" | grep -o '"http":"[^"]*"' | cut -d'"' -f4)
check '/readyz' "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/readyz")" 200
buildah run --isolation chroot --network host --env HTTP_PORT="${http##*:}" "$container" -- node scripts/healthcheck.mjs 2> /dev/null && health=0 || health=$?
check 'health check while it serves' "$health" 0
buildah run --isolation chroot --network host --env HTTP_PORT=1 "$container" -- node scripts/healthcheck.mjs 2> /dev/null && health=0 || health=$?
check 'health check where nothing serves' "$health" 1
writable=$(chroot --userspec=1000:1000 "$root" find / -xdev -type d -writable -not -path '/data*' -not -path '/home*' -not -path '/proc*' -not -path '/dev*' 2> /dev/null | sort | tr '\n' ' ' || true)
check 'folders that it could write but for /data' "$writable" '/run/lock /tmp /var/tmp '
check 'folders that it wrote to' "$(find "$root" -xdev -newer "$work/database_password" -user 1000 -not -path "$root/data*" -not -path "$root/run*" -not -path "$root/proc*" | wc -l)" 0
check 'mode of its files' "$(stat -c %a "/proc/$service/root/data/keys")" 700
kill -TERM "$service"
ended=0; wait "$runner" || ended=$?
service=
check 'exit after SIGTERM' "$ended" 0
check 'a wrong setting' "$(buildah run --isolation chroot --network host --env FTP_PORT=x "$container" -- node dist/main.js check-config > "$work/check.log" 2>&1; echo $?)" 78
echo 'The container works.'
