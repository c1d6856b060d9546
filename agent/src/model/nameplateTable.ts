/**
 * What rigs were sold for: W and TH/s of the models and bins of a list compiled on 2026-11-21 (about 25 °C, ±5 %), each row with
 * its sources; board counts from UpstreamData/pyasic @e2b9d35 pyasic/miners/device/models (Apache-2.0), empty where its
 * sub-models differ. TH/s for every algorithm.
 */

/** Where the rows of {@link TABLE} come from, by number. */
export const SOURCES = `
1 nhamilton1/asics-tools src/utils/asic-queries/asicWattList.ts
2 year mattk8/mining-data mining-devices.csv @846e555 (F2Pool popular devices list)
3 mattk8/mining-data mining-devices.csv @846e555 (F2Pool popular devices list)
4 Zeus Mining S19 Pro evaluation (rated 110T+-3%, 3250W+-5%)
5 public-GitHub miner preset list
6 year public-GitHub COMPLETE_MINER_DATA
7 public-GitHub POWER_DATABASE
8 public-GitHub "EfficiencyIndex" miner table, row cites Bitdeer Explorer
9 public-GitHub COMPLETE_MINER_DATA
10 public-GitHub ASIC catalogue, asicminervalue-derived, mid-2026
11 cooling cross-checked with UpstreamData/pyasic expected_fans=0
12 public-GitHub supplier spec list "static specs (ASICMinerValue)"
13 HackerNoon BTCWire S21 review (200T, 17.5 J/T)
14 public-GitHub mining calculator constants
15 public-GitHub "EfficiencyIndex" miner table, row cites asicminervalue.com
16 public-GitHub "EfficiencyIndex" miner table, row cites support.bitmain.com S21-XP-Specifications
17 public-GitHub "EfficiencyIndex" miner table, row cites support.bitmain.com S21-XP-Hyd-Specification
18 public-GitHub "EfficiencyIndex" miner table, row cites bitmain.com
19 Bautistagl/gridmine3 SpecificationsT21.jsx (3610 W, 0-45C)
20 public-GitHub "EfficiencyIndex" miner table, row cites Bitmain S23 Hyd product manual v1.0.6 (file12.bitmain.com)
21 public-GitHub "EfficiencyIndex" miner table, row cites bitmain.com (U3S23H)
22 public-GitHub calculator model list
23 cyberlais/bit-cube.new src/models.ts
24 cyberlais/bit-cube.new src/models.ts (3423 W)
25 Zeus Mining blog "Canaan Technology Launches New Avalon A13 Series" (110 TH/s, 30 J/TH)
26 Zeus Mining blog "Canaan Technology Launches New Avalon A13 Series" (130 TH/s, 25 J/TH)
27 public-GitHub "EfficiencyIndex" miner table, row cites hashrate.no/asics
28 public-GitHub supplier spec list "static specs (ASICMinerValue)" (200T/3647W)
29 public-GitHub "EfficiencyIndex" miner table, row cites shop.canaan.io
30 public-GitHub "EfficiencyIndex" miner table, row cites bitdeer.com/shop
31 public-GitHub "EfficiencyIndex" miner table, row cites d-central.tech bitaxe-ultra
32 family/ASIC per bitaxeorg/ESP-Miner main/device_config.h (1x BM1366)
33 public-GitHub "EfficiencyIndex" miner table, row cites d-central.tech
34 ESP-Miner device_config.h (1x BM1368)
35 public-GitHub "EfficiencyIndex" miner table, row cites bitaxehardware.com/601
36 ESP-Miner device_config.h (1x BM1370, power target 19 W)
37 ESP-Miner device_config.h (6x BM1366, max 90 W)
38 public-GitHub "EfficiencyIndex" miner table, row cites solosatoshi.com
39 public-GitHub "EfficiencyIndex" miner table, row cites braiins.com
40 public-GitHub "EfficiencyIndex" miner table, row cites futurebit.io
`;

/** Model | other names | TH/s | W | cooling | boards | sources. */
export const TABLE = `
Antminer S9|Antminer S9 13.5T|13.5|1323|air|3|1,2
Antminer S9i||14|1320|air|3|3
Antminer S9j||14.5|1350|air|3|3
Antminer S9 SE||16|1280|air||3
Antminer S9 Hydro||18|1728|hydro||3
Antminer T9+||10.5|1432|air||3
Antminer S11||20.5|1435|air||3
Antminer S15||28|1596|air||3
Antminer T15||23|1541|air||3
Antminer S17||53|2385|air|3|3
Antminer S17 Pro||53|2094|air|3|3
Antminer S17+||73|2920|air|3|3
Antminer S17e||64|2880|air|3|3,1
Antminer T17||40|2200|air|3|3
Antminer T17+||64|3220|air|3|3
Antminer T17e||53|2915|air|3|3
Antminer S19||95|3250|air|3|3,1
Antminer S19 Pro||110|3250|air|3|3,1,4
Antminer T19||84|3150|air|3|5,6
Antminer S19j||90|3100|air|3|5
Antminer S19j Pro||104|3068|air|3|1,5,6
Antminer S19j Pro 100T|S19j Pro 100|100|3050|air|3|1
Antminer S19j Pro+||122|3355|air|3|7,5
Antminer S19a||96|3312|air|3|1
Antminer S19a Pro||110|3245|air|3|1
Antminer S19k Pro||120|2760|air|3|8,9
Antminer S19 XP||140|3010|air|3|10,1
Antminer S19j XP||151|3247|air|3|10
Antminer S19 Hydro||158|5451|hydro|4|10,11
Antminer S19 Pro Hyd||177|5221|hydro|4|10,11
Antminer S19 Pro+ Hyd||198|5445|hydro|4|10,11
Antminer S19 XP Hyd||257|5345|hydro|3|10,11
Antminer S19 XP+ Hyd||279|5301|hydro||10,12
Antminer T19 Hydro||158|5451|hydro||10
Antminer T19 Pro Hyd||235|5170|hydro||10
Antminer S21||200|3500|air|3|10,13
Antminer S21+|S21 Plus|216|3564|air|3|10,14
Antminer S21+ 235T|S21+ 235|235|3877|air|3|10,14
Antminer S21 Pro||234|3510|air|3|15,10
Antminer S21 XP||270|3645|air|3|16,10
Antminer S21 Immersion||301|5569|immersion||10,14
Antminer S21 XP Immersion||300|4050|immersion||10
Antminer S21 Hyd||335|5360|hydro|3|8,10
Antminer S21+ Hyd||319|4785|hydro|3|10,14,12
Antminer S21e Hyd||288|4896|hydro||10,12
Antminer S21 XP Hyd||473|5676|hydro||17,10
Antminer S21e XP Hyd||430|5590|hydro||10,18
Antminer S21e XP Hyd 3U|U3S21EXPH|860|11180|hydro||14,9
Antminer S21 XP+ Hyd||500|5500|hydro||18,10
Antminer S21j XP Hyd||495|5940|hydro||10,12
Antminer T21||190|3610|air|3|8,10,19
Antminer S23||318|3498|air||10
Antminer S23 Hyd||580|5510|hydro||20
Antminer S23 Immersion||442|5304|immersion||10
Antminer S23 Hyd 3U|U3S23H|1160|11020|hydro||21
Whatsminer M3||11.5|2000|air||3
Whatsminer M10||33|2145|air||3
Whatsminer M20S||68|3260|air|3|3
Whatsminer M21S||56|3360|air|3|3,5
Whatsminer M30S||88|3344|air|3|3,1
Whatsminer M30S+||100|3400|air|3|1,6
Whatsminer M30S++||112|3472|air||22,9
Whatsminer M31S||74|3404|air|3|1
Whatsminer M31S+||80|3360|air|3|1,5
Whatsminer M33S++||242|7260|hydro|4|10,11
Whatsminer M36S+||164|5576|immersion|4|10,11
Whatsminer M50||114|3306|air||9,5
Whatsminer M50S||126|3276|air|3|12,22
Whatsminer M50S++||140|3080|air|3|23,22
Whatsminer M53||230|6670|hydro|4|10,11
Whatsminer M53S||260|6760|hydro|4|10,11
Whatsminer M56||194|5550|immersion|4|10,11
Whatsminer M56S||212|5550|immersion|4|10,11
Whatsminer M56S++||242|5324|immersion|4|23,11
Whatsminer M60||172|3422|air|3|10,24
Whatsminer M60S||186|3441|air|3|10,5
Whatsminer M60S+||212|3600|air||10,9
Whatsminer M60S++||226|3600|air|3|10,12
Whatsminer M63||334|6646|hydro|4|10,11
Whatsminer M63S||390|7215|hydro|4|10,5,11
Whatsminer M63S+||424|7208|hydro|4|10,12,11
Whatsminer M63S++||464|7200|hydro|4|10,22,11
Whatsminer M66||280|5572|immersion|4|10,12,11
Whatsminer M66S||298|5513|immersion||10,11
Whatsminer M66S+||318|5406|immersion||10,12,11
Whatsminer M66S++||356|5518|immersion|3|10,9,11
Whatsminer M70||214|3140|air|3|10
Whatsminer M70S||226|3140|air||10
Whatsminer M70S+||244|3140|air||10
Whatsminer M72S||264|4000|air||10
Whatsminer M73||470|7200|hydro||10
Whatsminer M73S||500|7200|hydro||10
Whatsminer M76||336|5200|immersion||10
Whatsminer M76S||362|5200|immersion||10
Whatsminer M76S+||390|5200|immersion||10
Whatsminer M78S||472|6550|immersion||10
AvalonMiner 741|A741,Avalon A741|7.3|1150|air|4|3
AvalonMiner 821|A821|11.5|1200|air|4|3
AvalonMiner 841|A841|13.6|1290|air|4|3
AvalonMiner 921|A921|20|1700|air|4|3
AvalonMiner 1047|A1047|37|2380|air|3|3
AvalonMiner 1066|A1066|50|3250|air|3|3,1
AvalonMiner 1146|A1146|58|3248|air||3
AvalonMiner 1166|A1166|68|3196|air||3,1
AvalonMiner 1166 Pro|A1166 Pro|81|3402|air|3|1
Avalon A1246|AvalonMiner 1246|90|3420|air|3|1,5
Avalon A1346|AvalonMiner 1346|110|3300|air||25,5
Avalon A1366|AvalonMiner 1366|130|3250|air||26,5
Avalon A1466|Avalon Made A1466,AvalonMiner 1466|150|3230|air||10,5
Avalon A1466I|A1466I|170|3320|immersion||27
Avalon A1566|A1566|185|3420|air|3|10,9,5
Avalon A1566I|A1566I|261|4500|immersion||10
Avalon A1566HA 2U|A1566HA|480|8064|hydro||10
Avalon A15-194T|A15|194|3647|air||10,28
Avalon A15XP-206T|A15XP|206|3667|air||10
Avalon A15Pro-221T|A15 Pro,A15Pro|221|3662|air||10
Avalon A16-282T|A16|282|3900|air||10
Avalon A16XP-300T|A16XP|300|3850|air||10
Avalon Q|AvalonQ|90|1674|air|1|29,9
Avalon Mini 3|Mini 3|37.5|800|air|1|29,12
Avalon Nano 3|Nano 3|4|140|air|1|12
Avalon Nano 3S|Nano 3S|6|140|air|1|29,12
SEALMINER A2||226|3730|air||10,5
SEALMINER A2 Hyd||446|7360|hydro||10,5
SEALMINER A2 Pro Air||255|3790|air||10,5
SEALMINER A2 Pro Hyd||500|7450|hydro||30,10
SEALMINER A3 Air||260|3640|air||10,5
SEALMINER A3 Pro Air||290|3625|air||10,5
SEALMINER A3 Hydro||500|6750|hydro||30,10
SEALMINER A3 Pro Hydro||660|8250|hydro||30,12
SEALMINER A4 Pro Air||336|3662|air||30,10
Teraflux AT2880|AT2880|260|4680|air|3|10
Teraflux AI3680|AI3680|360|6840|immersion|3|10,11
Teraflux AH3880|AH3880|600|8700|hydro||9
Bitaxe Ultra|Bitaxe 200 series,BM1366 Ultra|0.5|15|air|1|31,32
Bitaxe Supra|Bitaxe 400 series|0.7|12|air|1|33,34
Bitaxe Gamma 601|Bitaxe Gamma,Bitaxe 600 series|1.2|18|air|1|35,36
Bitaxe Ultra Hex|Bitaxe Hex|3|90|air||33,37
NerdQAxe++ Rev 7|NerdQAxe++|4.8|69.5|air||38
Mini Miner BMM 101|BMM 101,BMM101|1|40|air|1|39
Apollo BTC|Apollo BTC Gen I|3|180|air||40
Antminer L7||0.0095|3425|air|3|12,22
Antminer L9||0.017|3570|air|3|12
Antminer L11||0.02|3680|air||12
Antminer D9||1.77|2839|air|3|22
Antminer Z15 Pro||8.4e-07|2780|air|3|12,22
Antminer KA3||166|3154|air|3|10
IceRiver KS7||30|3500|air||12
IceRiver AL3||15|3500|air|3|12
`;
