#!/bin/sh
# Starts mosquitto with users and access list made from the environment, anew at every start:
#
#   MQTT_SERVER_PASSWORD   of hashwatt-server: reads every agent, answers them, describes rigs
#   MQTT_READER_PASSWORD   of reader: reads everything under hashwatt/ and what the broker says of itself, writes nothing
#   MQTT_AGENTS            "site/agent:password …", separated by blanks: each reads and writes under its own topics alone
#   MQTT_CERT_FILE, MQTT_KEY_FILE   PEM files of a certificate and its key: TLS on port 8883 as well, for agents elsewhere
#
# Everything is written to the memory-backed folder MQTT_RUN_DIR, the broker's passwords hashed. The options of mosquitto_sub
# stand there too: with XDG_CONFIG_HOME at that folder it is the reader without being told a password on its command line.
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
user hashwatt-server "${MQTT_SERVER_PASSWORD:-}" MQTT_SERVER_PASSWORD
may read "$all/+/agent/+/batch"
may read "$all/+/agent/+/status"
may write "$all/+/agent/+/ack"
may write "$all/+/rig/+/info"
may write "$all/+/rig/+/state"

user reader "${MQTT_READER_PASSWORD:-}" MQTT_READER_PASSWORD
may read "hashwatt/#"
# shellcheck disable=SC2016 # the broker's own topics begin with a dollar sign
may read '$SYS/#'

# Blanks separate; a password must not be taken for a file pattern.
set -f
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
printf -- '-h %s\n-p %s\n-u reader\n-P %s\n' "${MQTT_ADDRESS:-127.0.0.1}" "${MQTT_PORT:-1883}" "$MQTT_READER_PASSWORD" > "$run/mosquitto_sub"
{
  cat "$here/mosquitto.conf"
  printf 'listener %s %s\n' "${MQTT_PORT:-1883}" "${MQTT_ADDRESS:-}"
  printf 'password_file %s\nacl_file %s\n' "$passwords" "$access"
  if [ -n "${MQTT_CERT_FILE:-}" ]; then
    printf 'listener %s %s\n' "${MQTT_TLS_PORT:-8883}" "${MQTT_ADDRESS:-}"
    printf 'certfile %s\nkeyfile %s\ntls_version tlsv1.2\n' "$MQTT_CERT_FILE" "${MQTT_KEY_FILE:-}"
  fi
} > "$run/mosquitto.conf"
unset MQTT_SERVER_PASSWORD MQTT_READER_PASSWORD MQTT_AGENTS
exec mosquitto -c "$run/mosquitto.conf"
