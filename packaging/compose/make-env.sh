#!/bin/sh
# Makes .env of .env.example with a random secret in every empty place of its section "Secrets". An .env that is there stays.
set -eu
umask 077
cd "${1:-$(dirname "$0")/../..}"
if [ -e .env ]; then
  printf '.env is there already and stays as it is\n' >&2
  exit 1
fi
secret() {
  od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n'
}
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *_PASSWORD= | *_TOKEN=) printf '%s%s\n' "$line" "$(secret)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < .env.example > .env.new
mv .env.new .env
printf '.env is made. The password for the dashboard:\n' >&2
sed -n 's/^HASHWATT_PASSWORD=//p' .env
