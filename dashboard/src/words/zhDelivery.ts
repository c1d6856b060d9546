/** 简体中文：服务器关于通知的句子。What the server says of who was told of an alert, and of what keeps a channel from it; see `zhSentences.ts`. */
export const zhDelivery: readonly (readonly [said: string, chinese: string])[] = [
  // Decisions of the history.
  ["Fired: {reason}", "触发：{reason}"],
  ["Acknowledged: {note}", "已确认：{note}"],
  ["Acknowledged", "已确认"],
  ["Not acknowledged any more", "已取消确认"],
  ["Snoozed until {at}: {note}", "暂停提醒至 {at}：{note}"],
  ["Snoozed until {at}", "暂停提醒至 {at}"],
  ["Snoozed no more", "已取消暂停提醒"],
  ["Told the end to {channel}, by route {route}", "已通知 {channel} 告警结束，经路由 {route}"],
  ["Told again {channel}, by route {route}", "已再次通知 {channel}，经路由 {route}"],
  [
    "Told, for nobody has acknowledged it, {channel}, by route {route}",
    "因无人确认，已通知 {channel}，经路由 {route}",
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
  ["Not acknowledged for {n} min: route {route} is asked too", "{n} 分钟内无人确认：同时启用路由 {route}"],
  [
    "Another round soon after its end: told only if it still fires at {at}",
    "结束后不久再次触发：仅当 {at} 仍在触发时才通知",
  ],
  ["Silenced until {at} by {who}", "由 {who} 静默至 {at}"],
  ["Quiet hours of route {route} until {at}", "路由 {route} 的安静时段，至 {at}"],
  ["Maintenance of route {route} until {at}", "路由 {route} 的维护时段，至 {at}"],
  ...zhDelivery,
];
