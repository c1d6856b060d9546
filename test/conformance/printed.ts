/** What `hashwatt-agent read --json` prints, as far as captures vouch for it. */
export interface Printed {
  status?: string;
  algo?: string;
  make?: string;
  model?: string;
  firmware?: string;
  apiVersion?: string;
  dialect?: string;
  mac?: string;
  serial?: string;
  hostname?: string;
  hashrateThs?: number;
  hashrateAvgThs?: number;
  nominalThs?: number;
  powerW?: number;
  powerSource?: string;
  powerLimitW?: number;
  chipTempC?: number;
  boardTempC?: number;
  fansRpm?: number[];
  boards?: PrintedBoard[];
  pools?: { url?: string; user?: string; active?: boolean; accepted?: number; rejected?: number }[];
  shares?: { accepted?: number };
  uptimeS?: number;
  faults?: { code: string | number }[];
}

export interface PrintedBoard {
  slot?: number;
  hashrateThs?: number;
  nominalThs?: number;
  boardTempC?: number;
  chipTempC?: number;
  chips?: number;
  chipsExpected?: number;
  frequencyMHz?: number;
  voltageV?: number;
  serial?: string;
}
