#!/bin/sh
# Starts mosquitto with users and access list made from the environment, anew at every start:
#
#   MQTT_SERVER_PASSWORD   of hashwatt-server: reads every agent, answers them, describes rigs
#   MQTT_READER_PASSWORD   of reader: hears readings, states of agents and rigs, and what the broker says of itself; is not told
#                          what is said to agents, and writes nothing
#   MQTT_AGENTS            "site/agent:password …", separated by blanks: each writes its own batches and status, and reads its acks
#   MQTT_SERVERS, MQTT_READERS   "name:password …": further servers and readers. Each program is a user of its own: the broker
#                          knows sessions by their users, so that nobody can end another's by taking its name
#   MQTT_CERT_FILE, MQTT_KEY_FILE   PEM files of a certificate and its key: TLS on port 8883 as well, for agents elsewhere
#
# Everything is written to the memory-backed folder MQTT_RUN_DIR, the broker's passwords hashed. The options of mosquitto_sub
# stand there too: with XDG_CONFIG_HOME at that folder it is the reader "local", at its folder "health" a user who hears how long the broker
# runs, without being told a password on its command line.
set -eu
umask 077

fail() {
  printf 'mosquitto: %s\n' "$1" >&2
  exit 1
}

run=${MQTT_RUN_DIR:-/run/mosquitto}
[ -w "$run" ] || fail "cannot write to $run; mount a tmpfs there"
here=$(dirname "$0")
passwords=$run/passwords
access=$run/access
: > "$passwords"
: > "$access"

# user NAME PASSWORD SETTING
user() {
  [ -n "$2" ] || fail "$3 gives $1 no password; set it in .env"
  case $2 in
    *[!\ -~]* | *:*) fail "the password of $1 in $3 must be printable ASCII without a colon" ;;
  esac
  if grep -qxF "user $1" "$access"; then fail "$3 names $1 twice"; fi
  printf '%s:%s\n' "$1" "$2" >> "$passwords"
  printf '\nuser %s\n' "$1" >> "$access"
}
# may read|write TOPIC
may() {
  printf 'topic %s %s\n' "$1" "$2" >> "$access"
}

all=hashwatt/v1
server() {
  user "$@"
  may read "$all/+/agent/+/batch"
  may read "$all/+/agent/+/status"
  may write "$all/+/agent/+/ack"
  may write "$all/+/rig/+/info"
  may write "$all/+/rig/+/state"
  may write "$all/+/alerts"
}
reader() {
  user "$@"
  may read "$all/+/agent/+/batch"
  may read "$all/+/agent/+/status"
  may read "$all/+/rig/+/info"
  may read "$all/+/rig/+/state"
  may read "$all/+/alerts"
  # shellcheck disable=SC2016 # the broker's own topics begin with a dollar sign
  may read '$SYS/#'
}
random() {
  od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n'
}
server hashwatt-server "${MQTT_SERVER_PASSWORD:-}" MQTT_SERVER_PASSWORD
reader reader "${MQTT_READER_PASSWORD:-}" MQTT_READER_PASSWORD
local=$(random)
reader local "$local" local
health=$(random)
user health "$health" health
# shellcheck disable=SC2016
may read '$SYS/broker/uptime'

# Blanks separate; a password must not be taken for a file pattern.
set -f
# further ROLE SETTING ENTRIES
further() {
  for entry in $3; do
    case $entry in *:*) ;; *) fail "$2: an entry is \"name:password\", and one has no colon" ;; esac
    case ${entry%%:*} in
      '' | *[!a-z0-9-]*) fail "$2: \"${entry%%:*}\" must be a name of a-z, 0-9 and hyphens" ;;
    esac
    "$1" "${entry%%:*}" "${entry#*:}" "$2"
  done
}
further server MQTT_SERVERS "${MQTT_SERVERS:-}"
further reader MQTT_READERS "${MQTT_READERS:-}"
for entry in ${MQTT_AGENTS:-}; do
  name=${entry%%:*}
  case $entry in *:*) ;; *) fail "MQTT_AGENTS: an entry is \"site/agent:password\", and one has no colon" ;; esac
  case $name in
    */*/* | /* | */ | *[!a-z0-9/-]*) fail "MQTT_AGENTS: \"$name\" must be site/agent, each of a-z, 0-9 and hyphens" ;;
    */*) ;;
    *) fail "MQTT_AGENTS: \"$name\" must be site/agent" ;;
  esac
  user "$name" "${entry#*:}" MQTT_AGENTS
  own=$all/${name%/*}/agent/${name#*/}
  may write "$own/batch"
  may write "$own/status"
  may read "$own/ack"
done
[ -n "${MQTT_AGENTS:-}" ] || printf 'mosquitto: MQTT_AGENTS is empty, so no agent is let in\n' >&2

[ -z "${MQTT_CERT_FILE:-}" ] || [ -n "${MQTT_KEY_FILE:-}" ] || fail "MQTT_CERT_FILE is set and MQTT_KEY_FILE is not"
for file in "${MQTT_CERT_FILE:-}" "${MQTT_KEY_FILE:-}"; do
  if [ -n "$file" ] && [ ! -r "$file" ]; then fail "cannot read $file; it must be readable by user $(id -u)"; fi
done

mosquitto_passwd -U "$passwords"
# options USER PASSWORD FOLDER
options() {
  mkdir -p "$3"
  printf -- '-h %s\n-p %s\n-u %s\n-P %s\n' "${MQTT_ADDRESS:-127.0.0.1}" "${MQTT_PORT:-1883}" "$1" "$2" > "$3/mosquitto_sub"
}
options local "$local" "$run"
options health "$health" "$run/health"
{
  cat "$here/mosquitto.conf"
  printf 'listener %s %s\nuse_username_as_clientid true\n' "${MQTT_PORT:-1883}" "${MQTT_ADDRESS:-}"
  printf 'password_file %s\nacl_file %s\n' "$passwords" "$access"
  if [ -n "${MQTT_CERT_FILE:-}" ]; then
    printf 'listener %s %s\nuse_username_as_clientid true\n' "${MQTT_TLS_PORT:-8883}" "${MQTT_ADDRESS:-}"
    printf 'certfile %s\nkeyfile %s\ntls_version tlsv1.2\n' "$MQTT_CERT_FILE" "${MQTT_KEY_FILE:-}"
  fi
} > "$run/mosquitto.conf"
unset MQTT_SERVER_PASSWORD MQTT_READER_PASSWORD MQTT_AGENTS MQTT_SERVERS MQTT_READERS
exec mosquitto -c "$run/mosquitto.conf"
