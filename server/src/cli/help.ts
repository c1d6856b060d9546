/** What `--help` says. */
export const HELP = `Hashwatt server: stores what agents publish, prices it, raises alerts and serves the dashboard.

Usage: npm run server -- <command> [options]

  run                   starts the server
  doctor                checks broker, store, disk, clock and config, and says what is wrong
  health                whether the server of this config answers, and how it is; exit code 1 when it does not
  restore [PATH]        restores a data folder from a backup (its folder or .tar file), or the state alone from an export
                        (by default the newest nightly one); only while no server runs
  hash-password         reads a password from stdin and prints the scrypt hash to set as http.password

Of a running server:
  backup --out PATH     has it write everything it holds to a folder, or to a file that ends in .tar; ingest goes on
  export rigs|sites|samples --out FILE [--site SITE] [--from T] [--to T]
                        has it write its ledger (hours of rigs, 5 minutes of sites) or its readings to a .csv or .parquet file of
                        its machine
  store copy --from SIDE --to SIDE [--restart]
                        has it copy raw samples, boards and fans between DuckDB and InfluxDB; run again, it goes on where it
                        has stopped. A SIDE is duckdb, duckdb:FOLDER, influxdb or influxdb:URL; without a place that of the
                        server's config
  jobs [cancel ID]      shows its long work with progress, or ends one
  rig merge ID INTO | split ID | undo ID
                        two keys of one rig (a control board was swapped): INTO has the names and the history of both; or what
                        answers as ID is another rig from now on; or that is taken back
  replay --from T --to T [--speed N]
                        plays stored readings again for the dashboard and says where; nothing of the present is touched
  alerts try RULE [SPAN [LIMIT [LIMIT]]]
                        how often a rule would have fired, when, for whom and how long: its id, or one of your own in quotes
                        ("chipTempC > 85 for 2m"); SPAN is 24h or 7d; two limits stand side by side
  settings export | import FILE | check FILE
                        sites, tariffs, pools, contracts, overhead and costs as YAML, out and in; check changes nothing
  settings urdb FILE SITE
                        a rate of OpenEI's database (JSON) as a tariff of a site in YAML; needs no server
  register import FILE | export | list | missing | unexpected | set ID STATE | remove ID
                        the rigs that are expected, as CSV and by entry; STATE is active, repair, spare or retired
  rates import FILE [--series NAME] [--dry-run] | list
                        figures that were fetched or imported, and how their sources are; columns of a file: series, start,
                        end, value, source, note; --dry-run says what it would change
  payouts import FILE --site SITE [--pool NAME] [--account NAME] [--dry-run]
                        what a pool paid, to be compared with what was computed; columns: date (a UTC day) or from and to,
                        amount, coin, pool, account, fee_percent, hashrate_ths, reference
  payouts fetch --site SITE --pool braiins|f2pool|luxor --account NAME --from DATE --to DATE
                        the same from a pool's API; its token is read from stdin or --password-file, and not kept
  bills import FILE --site SITE [--dry-run]
                        what the utility billed (meter, from, to, amount, currency, kwh, demand_kw, demand_amount, fixed_amount,
                        tax_amount, reference) or its interval data (meter, start, end, kwh)
  user add NAME --role ROLE | set-role NAME --role ROLE | set-password NAME | remove NAME | list
                        who logs in by name; ROLE is viewer, operator or admin; a password is read from stdin or --password-file
  token create --name NAME --scope read|operate|admin [--days N] | revoke NAME | list
                        tokens for programs, by default for 365 days; a new one is shown once, on stdout
  audit [--limit N]     what was changed last, by whom and from where

  --config FILE         YAML; every key has a default. Environment variables such as HASHWATT_SERVER_HTTP_PORT override it
  --password-file FILE  user, payouts: a file whose first line is the password, or the pool's token
  --data DIR            restore: the data folder (by default that of the config)
  --url URL             the running server (by default where the config makes it listen)
  --token TOKEN         who we are to it; better by the environment: HASHWATT_TOKEN
  --ca FILE             with --url https://…: PEM of the authority that signed its certificate, where the system does not know
                        it; or HASHWATT_CA_FILE
  --influx-user NAME, --influx-password-file FILE, --influx-token-file FILE, --influx-org NAME, --influx-database NAME
                        who we are to an InfluxDB named by its URL; secrets also by HASHWATT_INFLUX_PASSWORD and _TOKEN
  --help, --version
`;
