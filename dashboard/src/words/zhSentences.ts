import { zhAdded } from "./zhAdded.js";
import { zhDelivery } from "./zhDelivery.js";
import { zhDryRun } from "./zhDryRun.js";

/**
 * 简体中文：服务器用英文说的句子。Sentences of the server as it writes them, with places for what differs, each with its Chinese.
 * A place is read in its turn, so that a sentence may stand in another. The first that fits counts: what is more particular
 * comes first.
 */
export const zhSentences: readonly (readonly [said: string, chinese: string])[] = [
  ...zhAdded,
  // Alerts of rigs.
  ["{n} rigs at most; {name}: {reason}", "最多 {n} 台矿机；{name}：{reason}"],
  ["{n} rigs; {name}: {reason}", "{n} 台矿机；{name}：{reason}"],
  ["Chip {t}, limit {limit}, {by}", "芯片 {t}，限值 {limit}，{by}"],
  ["Board {t}, limit {limit}, {by}", "算力板 {t}，限值 {limit}，{by}"],
  ["Chip {t}, warning at {limit}, {by}", "芯片 {t}，预警值 {limit}，{by}"],
  ["Board {t}, warning at {limit}, {by}", "算力板 {t}，预警值 {limit}，{by}"],
  ["board {n} is {t} hotter than the others", "{n} 号板比其他板高 {t}"],
  ["stated by the rig's firmware", "由矿机固件标明"],
  ["neighbours in its rack", "按同机架的相邻矿机"],
  ["own baseline", "按自身平时水平"],
  ["set by {who}", "由 {who} 设定"],
  ["Temperature is not reported any more", "不再报告温度"],
  ["Fault {code} of the rig's firmware, {text}", "矿机固件故障 {code}：{text}"],
  ["Fault {code} of the rig's firmware", "矿机固件故障 {code}"],
  ["Its firmware has stopped it by a fault that it does not name", "固件因未说明的故障将其停机"],
  ["Fault {code}, {text} and {n} more", "故障 {code}：{text}，另有 {n} 个"],
  ["Fault {code}, {text}", "故障 {code}：{text}"],
  ["Fault {code} and {n} more", "故障 {code}，另有 {n} 个"],
  ["Fault {code}", "故障 {code}"],
  [
    "Hottest sensor {t}, {more} more than two minutes ago, limit {limit}",
    "最热的传感器 {t}，比两分钟前高 {more}，限值 {limit}",
  ],
  ["Inlet air {t}, limit {limit}: rigs stop by themselves", "进风 {t}，限值 {limit}：矿机会自行停机"],
  ["Inlet air {t}, limit {limit}", "进风 {t}，限值 {limit}"],
  [
    "Does not mine in air of {t} ({by}); a start below {limit} was never tested by its maker",
    "空气温度 {t}（{by}）下没有挖矿；厂家从未测试过在 {limit} 以下启动",
  ],
  ["its own inlet sensor", "自身的进风传感器"],
  ["the air of its site", "站点的空气温度"],
  [
    "Fan {which} of {n} stands ({rpm} rpm) while the others turn",
    "{n} 个风扇中的 {which} 号停住（{rpm} rpm），其余仍在转",
  ],
  [
    "A fan turns at {share} of the others ({rpm} rpm), limit {limit}",
    "有一个风扇的转速为其他风扇的 {share}（{rpm} rpm），限值 {limit}",
  ],
  [
    "{n} of {most} boards {does|do} not work any more, the one in slot {slots}",
    "{most} 块算力板中有 {n} 块不再工作：插槽 {slots}",
  ],
  [
    "{n} of {most} boards {does|do} not work any more, those in slots {slots}",
    "{most} 块算力板中有 {n} 块不再工作：插槽 {slots}",
  ],
  ["{n} of {most} boards {does|do} not work any more", "{most} 块算力板中有 {n} 块不再工作"],
  ["{n} of {most} chips do not answer", "{most} 个芯片中有 {n} 个没有应答"],
  ["Runs at {share} of its usual clock while warm (inlet {t})", "温度偏高，频率为平时的 {share}（进风 {t}）"],
  ["Runs at {share} of its usual clock while warm", "温度偏高，频率为平时的 {share}"],
  [
    "Hashes {ths} TH/s, {share} of the {wanted} that its firmware aims at, limit {limit}",
    "算力 {ths} TH/s，为固件目标 {wanted} TH/s 的 {share}，限值 {limit}",
  ],
  [
    "Hashes {ths} TH/s, {share} of the {wanted} that it was sold for, limit {limit}",
    "算力 {ths} TH/s，为标称 {wanted} TH/s 的 {share}，限值 {limit}",
  ],
  [
    "Hashes {ths} TH/s, {share} of the {usual} that it did over the last days, limit {limit}",
    "算力 {ths} TH/s，为最近几天 {usual} TH/s 的 {share}，限值 {limit}",
  ],
  ["its state is {state}", "状态为{state}"],
  ["idle", "空闲"],
  ["fault", "故障"],
  ["mining", "挖矿"],
  ["sleeping", "休眠"],
  ["starting", "启动中"],
  [
    "{share} of its work of the last hour are hardware errors, limit {limit}",
    "最近一小时硬件错误占工作量的 {share}，限值 {limit}",
  ],
  [
    "{share} of {n} shares of the last 4 h were rejected or came too late, limit {limit}",
    "最近 4 小时的 {n} 个份额中有 {share} 被拒绝或迟到，限值 {limit}",
  ],
  [
    "The pool accepted {share} of the work that the rig reported over the last 4 h; chance explains {points} points of it",
    "最近 4 小时矿池接受了矿机所报工作量的 {share}；偶然性可解释其中 {points} 个百分点",
  ],
  [
    "Needs {now} J/TH, {share} of the {usual} that it needed over the last days, limit {limit}",
    "能耗 {now} J/TH，为最近几天 {usual} J/TH 的 {share}，限值 {limit}",
  ],
  [
    "Draws {now} W, {share} of the {most} W that it may, limit {limit}",
    "功率 {now} W，为允许的 {most} W 的 {share}，限值 {limit}",
  ],
  [
    "Tells no power any more, although it did before: its cost is not known",
    "以前报告功率，现在不再报告：成本未知",
  ],
  [
    "Its meter says {meter} W and its firmware {own} W, {share} apart, limit {limit}",
    "电表读数 {meter} W，固件读数 {own} W，相差 {share}，限值 {limit}",
  ],
  ["Has begun anew {n} times within an hour", "一小时内重启了 {n} 次"],
  ['It mines in a planned stop ("{name}")', "计划停机（“{name}”）期间仍在挖矿"],
  ['It draws {w} W in a planned stop ("{name}")', "计划停机（“{name}”）期间仍在耗电 {w} W"],
  ["It mines in a planned stop", "计划停机期间仍在挖矿"],
  ["It draws {w} W in a planned stop", "计划停机期间仍在耗电 {w} W"],
  ["Two rigs answered as one", "两台矿机以同一身份应答"],
  ["Profit is not known any more", "利润已无法得知"],
  ["Earns {earned} and costs {cost} {currency}/h", "每小时收入 {earned}，成本 {cost} {currency}"],
  [
    "breaks even at {even} {currency}/kWh, energy costs {price}",
    "盈亏平衡电价 {even} {currency}/kWh，当前电价 {price}",
  ],
  [
    "Works at {pool} for the account {account}, which is not meant; meant are {meant}",
    "正在为 {pool} 的账户 {account} 工作，并非设定；设定为 {meant}",
  ],
  ["Works at {pool}, which is not meant; meant are {meant}", "正在为 {pool} 工作，并非设定；设定为 {meant}"],
  [
    "Works at {pool} for the account {account}, which hardly any other rig of its site does; usual are {usual}",
    "正在为 {pool} 的账户 {account} 工作，本站点几乎没有其他矿机如此；通常为 {usual}",
  ],
  [
    "Works at {pool}, which hardly any other rig of its site does; usual are {usual}",
    "正在为 {pool} 工作，本站点几乎没有其他矿机如此；通常为 {usual}",
  ],
  ["The pool is not known any more", "矿池已无法得知"],
  ["No answer: {why}; last answer {at}", "没有应答：{why}；最后一次应答 {at}"],
  [
    "No answer: {why}; when it last answered is not known, at the latest {at}",
    "没有应答：{why}；最后一次应答时间未知，不晚于 {at}",
  ],
  [
    "No answer: {why}; it has not answered since it was added {at}",
    "没有应答：{why}；自 {at} 添加以来从未应答",
  ],
  ["nothing has arrived since the server started", "服务器启动后没有收到任何数据"],
  ["no reading yet", "尚无读数"],
  ["nothing arrives from agent {agent}", "代理 {agent} 没有传来数据"],
  ["agent {agent} gets no answer at {address}", "代理 {agent} 在 {address} 得不到应答"],
  ["No reading: {why}", "没有读数：{why}"],
  // Agents.
  ["silent for {n} s", "已 {n} 秒没有消息"],
  ["silent for {n} min", "已 {n} 分钟没有消息"],
  ["silent for {n} h", "已 {n} 小时没有消息"],
  ["it last said: {text}", "最后的消息：{text}"],
  // Alerts of sites, agents, pools, the server and the network.
  [
    "{n} of {all} rigs answer, limit {limit}: power, network or agent",
    "{all} 台矿机中有 {n} 台应答，限值 {limit}：检查供电、网络或代理",
  ],
  [
    "Nothing has come from agent {agent} for {n} min; it reads {rigs} rigs ({note})",
    "代理 {agent} 已 {n} 分钟没有传来数据；它读取 {rigs} 台矿机（{note}）",
  ],
  [
    "Nothing has come from agent {agent} for {n} min; it reads {rigs} rigs",
    "代理 {agent} 已 {n} 分钟没有传来数据；它读取 {rigs} 台矿机",
  ],
  ["{n} min of readings wait in its spool ({mb} MB)", "缓存中有 {n} 分钟的读数在等待（{mb} MB）"],
  ["{n} h of readings wait in its spool ({mb} MB)", "缓存中有 {n} 小时的读数在等待（{mb} MB）"],
  ["{n} d of readings wait in its spool ({mb} MB)", "缓存中有 {n} 天的读数在等待（{mb} MB）"],
  [
    "The clock of its machine is {s} s behind: let it follow an NTP server",
    "其机器的时钟慢 {s} 秒：请与 NTP 服务器同步",
  ],
  [
    "The clock of its machine is {s} s ahead: let it follow an NTP server",
    "其机器的时钟快 {s} 秒：请与 NTP 服务器同步",
  ],
  [
    "{n} of {all} rigs ({share}) that list {pool} say that it is dead",
    "配置了 {pool} 的 {all} 台矿机中有 {n} 台（{share}）报告其失效",
  ],
  [
    "{ms} ms there and back by {n} {rig that tells|rigs that tell} it, limit {limit} ms, usually {usual} ms",
    "{n} 台矿机报告的往返延迟为 {ms} ms，限值 {limit} ms，平时 {usual} ms",
  ],
  [
    "{ms} ms there and back by {n} {rig that tells|rigs that tell} it, limit {limit} ms",
    "{n} 台矿机报告的往返延迟为 {ms} ms，限值 {limit} ms",
  ],
  ["No rig that works for it tells how far it is any more", "为其工作的矿机都不再报告延迟"],
  [
    "From {from} to {to} energy costs {price} {currency}/kWh, and the rigs earn {earned} by it",
    "{from} 至 {to} 电价为 {price} {currency}/kWh，而矿机由此收入 {earned}",
  ],
  ["No hour ahead costs more than the rigs earn", "未来没有电费高于收入的时段"],
  [
    "Energy costs {price} {currency}/kWh; in 95 % of the last thirty days it cost at most {most}",
    "电价 {price} {currency}/kWh；最近三十天里 95 % 的时间不超过 {most}",
  ],
  [
    "Energy costs {price} {currency}/kWh: whoever draws it is paid",
    "电价 {price} {currency}/kWh：用电反而得到报酬",
  ],
  ["Nothing is billed by a peak now", "当前没有按峰值计费"],
  [
    "{name}: {now} {unit} until {at} if it goes on so, above the {most} {peakUnit} of this billing period: {cost} more",
    "{name}：照此下去到 {at} 为 {now} {unit}，高于本计费期的 {most} {peakUnit}：多付 {cost}",
  ],
  [
    "{name}: {now} {unit} until {at} if it goes on so, {share} of the {most} {peakUnit} of this billing period: {limit} above it would cost {cost} more",
    "{name}：照此下去到 {at} 为 {now} {unit}，为本计费期 {most} {peakUnit} 的 {share}：若超过 {limit}，多付 {cost}",
  ],
  [
    "{name}: {now} {unit} until {at} if it goes on so, above the {most} {peakUnit} that are billed in any case, by an earlier period: {cost} more",
    "{name}：照此下去到 {at} 为 {now} {unit}，高于因以前计费期而照付的 {most} {peakUnit}：多付 {cost}",
  ],
  [
    "{name}: {now} {unit} until {at} if it goes on so, {share} of the {most} {peakUnit} that are billed in any case, by an earlier period: {limit} above it would cost {cost} more",
    "{name}：照此下去到 {at} 为 {now} {unit}，为因以前计费期而照付的 {most} {peakUnit} 的 {share}：若超过 {limit}，多付 {cost}",
  ],
  [
    "{name}: {now} {unit} until {at} if it goes on so, above the {most} {peakUnit} that are contracted: what exceeds them is not in the tariff",
    "{name}：照此下去到 {at} 为 {now} {unit}，高于合同约定的 {most} {peakUnit}：电价中没有超出部分的价格",
  ],
  [
    "{name}: {now} {unit} until {at} if it goes on so, {share} of the {most} {peakUnit} that are contracted: what exceeds them is not in the tariff",
    "{name}：照此下去到 {at} 为 {now} {unit}，为合同约定的 {most} {peakUnit} 的 {share}：电价中没有超出部分的价格",
  ],
  [
    "{percent} of it is billed at least in each of the next {n} periods",
    "此后 {n} 个计费期每期至少按其 {percent} 收费",
  ],
  [
    "The grid emits {now} kg CO2e per kWh; over the last thirty days it emitted {mean} on average",
    "电网每 kWh 排放 {now} kg CO2e；最近三十天平均为 {mean}",
  ],
  [
    "In {n} blocks the difficulty is expected to rise by {share} ({source})",
    "预计 {n} 个区块后难度上升 {share}（{source}）",
  ],
  [
    "In {n} blocks the difficulty is expected to fall by {share} ({source})",
    "预计 {n} 个区块后难度下降 {share}（{source}）",
  ],
  ["Older than they should be: {inputs}", "数据过旧：{inputs}"],
  [
    "The store of readings does not work: {note}; agents keep their readings meanwhile",
    "读数存储不可用：{note}；代理会保留其读数",
  ],
  [
    "{gb} GB of its disk are free, {share}, limit {limit}: make room or lower store.maxDiskGb",
    "磁盘剩余 {gb} GB（{share}），限值 {limit}：请腾出空间或调低 store.maxDiskGb",
  ],
  // Why alerts end.
  ["Ended: what it rests on is not known any more", "已结束：其依据已无法得知"],
  [
    "Ended: no reading arrives any more, so what it rests on is not known",
    "已结束：不再收到读数，其依据无法得知",
  ],
  ["Ended: it is not there any more", "已结束：对象已不存在"],
  ["Ended: its rule is switched off", "已结束：其规则已停用"],
  ['Ended: planned stop "{name}"', "已结束：计划停机“{name}”"],
  ["Ended: the rig is offline", "已结束：矿机离线"],
  ["Ended: {reason}", "已结束：{reason}"],
  ["Not known any more", "已无法得知"],
  // What limits rest on.
  ["rig (stated by its firmware)", "矿机（固件标明）"],
  ["rig (fault {code})", "矿机（故障 {code}）"],
  [
    "baseline (its own median of {t} in {h} h, plus {plus})",
    "平时水平（自身 {h} 小时中位数 {t}，加 {plus}）",
  ],
  [
    "neighbours (median of {n} rigs of its model in its rack, {t}, plus {plus})",
    "相邻矿机（同机架同型号 {n} 台的中位数 {t}，加 {plus}）",
  ],
  ["own past (twice what is usual)", "自身过去（平时的两倍）"],
  ["what the {n} rigs of its site have in their lists", "本站点 {n} 台矿机的配置"],
  // Decisions of the history.
  ["Fired: {reason}", "触发：{reason}"],
  ["Acknowledged: {note}", "已认领：{note}"],
  ["Acknowledged", "已认领"],
  ["Not acknowledged any more", "已取消认领"],
  ["Snoozed until {at}: {note}", "暂停提醒至 {at}：{note}"],
  ["Snoozed until {at}", "暂停提醒至 {at}"],
  ["Snoozed no more", "已取消暂停提醒"],
  ["Told the end to {channel}, by route {route}", "已通知 {channel} 告警结束，经路由 {route}"],
  ["Told again {channel}, by route {route}", "已再次通知 {channel}，经路由 {route}"],
  [
    "Told, for nobody has acknowledged it, {channel}, by route {route}",
    "因无人认领，已通知 {channel}，经路由 {route}",
  ],
  ["Told with others like it, as one", "与同类告警合并通知"],
  ["Told {channel}, by route {route}", "已通知 {channel}，经路由 {route}"],
  [
    "Sent in the daily summary to {channel}, by route {route}",
    "已在每日汇总中发给 {channel}，经路由 {route}",
  ],
  [
    "Put into the daily summary for {channel}, by route {route}",
    "已放入发给 {channel} 的每日汇总，经路由 {route}",
  ],
  ["Not acknowledged for {n} min: route {route} is asked too", "{n} 分钟内无人认领：同时启用路由 {route}"],
  [
    "Another round soon after its end: told only if it still fires at {at}",
    "结束后不久再次触发：仅当 {at} 仍在触发时才通知",
  ],
  ["Silenced until {at} by {who}", "由 {who} 静默至 {at}"],
  ["Quiet hours of route {route} until {at}", "路由 {route} 的安静时段，至 {at}"],
  ["Maintenance of route {route} until {at}", "路由 {route} 的维护时段，至 {at}"],
  ...zhDelivery,
  ...zhDryRun,
  // What a group is called; at the end, since much ends so.
  ["{n} rigs ({model}) of {place}", "{place} 的 {n} 台矿机（{model}）"],
  ["{n} rigs ({model})", "{n} 台矿机（{model}）"],
  ["{n} rigs of {place}", "{place} 的 {n} 台矿机"],
  ["{n} rigs", "{n} 台矿机"],
];
